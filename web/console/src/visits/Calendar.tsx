import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useRef, type KeyboardEvent } from 'react'
import { useLanguage } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button } from '../ui'
import css from './calendar.module.css'
import { addDays, addMonths, stands, today, weeksOf, type Stand, type Tally } from './month'
import { useStands } from './words'

/** What the bar of a day shows, in this order; colours go with words, never alone. */
const parts: Stand[] = stands.filter((s) => s !== 'cancelled')

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }

/**
 * Calendar is a month with the visits that begin on each day: how many are asked, and how they stand. Days after `until` are not
 * counted yet.
 */
export function Calendar({ month, day, tallies, until, onMonth, onDay }: {
  month: string; day: string; tallies: Map<string, Tally>; until?: string; onMonth: (m: string) => void; onDay: (d: string) => void
}) {
  const { lang, t } = useLanguage()
  const names = useStands()
  const frame = useRef<HTMLTableElement>(null)
  const title = new Intl.DateTimeFormat(lang, { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(month + '-01'))
  const weekday = new Intl.DateTimeFormat(lang, { weekday: lang === 'en' ? 'short' : 'narrow', timeZone: 'UTC' })
  const move = (e: KeyboardEvent) => {
    const at = (e.target as HTMLElement).dataset.day
    const step = steps[e.key]
    if (!at || !step) return
    e.preventDefault()
    frame.current?.querySelector<HTMLElement>(`[data-day="${addDays(at, step)}"]`)?.focus()
  }
  const inTab = day.startsWith(month) ? day : today().startsWith(month) ? today() : month + '-01'
  return (
    <section className={css.calendar} aria-label={t('走访日历', 'Calendar of visits')}>
      <div className={css.head}>
        <Button variant="quiet" icon aria-label={t('上个月', 'The month before')} onPress={() => onMonth(addMonths(month, -1))}><ChevronLeft size={18} /></Button>
        <h2 aria-live="polite">{title}</h2>
        <Button variant="quiet" icon aria-label={t('下个月', 'The next month')} onPress={() => onMonth(addMonths(month, 1))}><ChevronRight size={18} /></Button>
        {!today().startsWith(month) && <Button size="small" onPress={() => onMonth(today().slice(0, 7))}>{t('本月', 'This month')}</Button>}
        <ul className={css.legend}>{parts.map((s) => <li key={s}><i className={css[s]} aria-hidden />{names[s]}</li>)}</ul>
      </div>
      <table ref={frame} className={css.month} onKeyDown={move}>
        <thead><tr>{Array.from({ length: 7 }, (_, i) => <th key={i} scope="col">{weekday.format(new Date(Date.UTC(2024, 0, 1 + i)))}</th>)}</tr></thead>
        <tbody>
          {weeksOf(month).map((week, w) => (
            <tr key={w}>
              {week.map((d, i) => <td key={i}>{d && <Day day={d} chosen={d === day} inTab={d === inTab} tally={tallies.get(d)} unknown={!!until && d > until} onDay={onDay} />}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Day({ day, chosen, inTab, tally: n, unknown, onDay }: { day: string; chosen: boolean; inTab: boolean; tally?: Tally; unknown: boolean; onDay: (d: string) => void }) {
  const { lang, t } = useLanguage()
  const f = useFormats()
  const names = useStands()
  const date = new Intl.DateTimeFormat(lang, { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(new Date(day))
  const said = unknown ? t('尚未统计', 'not counted yet') : !n?.due ? t('没有走访', 'no visits') : [t(`应访 ${n.due}`, `${n.due} due`), ...parts.filter((s) => n[s]).map((s) => `${names[s]} ${n[s]}`)].join(t('，', ', '))
  return (
    <button type="button" data-day={day} tabIndex={inTab ? 0 : -1} className={css.day} aria-pressed={chosen} aria-current={day === today() ? 'date' : undefined} onClick={() => onDay(day)}>
      <span className="sr">{`${date}${t('，', ': ')}${said}`}</span>
      <span className={css.date} aria-hidden>{Number(day.slice(8))}</span>
      {!unknown && n && n.due > 0 && (
        <>
          <span className={css.figure} aria-hidden><b>{f.number(n.met)}</b><small>/{f.number(n.due)}</small></span>
          <span className={css.bar} aria-hidden>{parts.filter((s) => n[s]).map((s) => <i key={s} className={css[s]} style={{ flexGrow: n[s] }} />)}</span>
          {n.overdue > 0 && <span className={css.late} aria-hidden>{names.overdue} {f.number(n.overdue)}</span>}
        </>
      )}
      {unknown && <span className={css.unknown} aria-hidden>…</span>}
    </button>
  )
}
