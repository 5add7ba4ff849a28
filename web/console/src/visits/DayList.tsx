import { CalendarX } from 'lucide-react'
import { useState } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { Link } from 'wouter'
import { useLanguage } from '../i18n'
import { Blank, Button, useFilters } from '../ui'
import { stands, standOf, tally, type Stand, type Visit } from './month'
import css from './visits.module.css'
import { useStands, VisitBadge } from './words'

const step = 40

/** DayList is the visits that begin on a day, by how they stand. */
export function DayList({ day, visits, unknown }: { day: string; visits: Visit[]; unknown: boolean }) {
  const { lang, t } = useLanguage()
  const names = useStands()
  const { get, put, query } = useFilters()
  const [most, setMost] = useState(step)
  const n = tally(visits)
  const show = (stands as readonly string[]).includes(get('show')) ? (get('show') as Stand) : undefined
  const rows = show ? visits.filter((v) => standOf(v) === show) : visits
  const say = (o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(lang, { ...o, timeZone: 'UTC' }).format(new Date(day))
  const title = t(`${say({ month: 'long', day: 'numeric' })} ${say({ weekday: 'short' })}`, say({ month: 'long', day: 'numeric', weekday: 'long' }))
  const there = stands.filter((s) => n[s] > 0 || s === show)
  const to = (id: string) => {
    const q = new URLSearchParams(query)
    q.set('visit', id)
    return `/visits?${q}`
  }
  return (
    <>
      <div className={css.dayHead}><h2>{title}</h2><span className="muted">{t(`${visits.length} 次走访`, `${visits.length} ${visits.length === 1 ? 'visit' : 'visits'}`)}</span></div>
      {unknown && <p className="muted">{t('这一天尚未统计', 'This day is not counted yet')}</p>}
      {visits.length > 0 && (
        <ToggleButtonGroup className={css.chips} aria-label={t('按状态', 'By state')} selectionMode="single" disallowEmptySelection selectedKeys={[show ?? 'all']} onSelectionChange={(k) => put({ show: k.has('all') ? '' : String([...k][0]), day }, { replace: true })}>
          <ToggleButton id="all" className={css.chip}>{t('全部', 'All')} {visits.length}</ToggleButton>
          {there.map((s) => <ToggleButton key={s} id={s} className={css.chip}>{names[s]} {n[s]}</ToggleButton>)}
        </ToggleButtonGroup>
      )}
      {rows.length === 0 && !unknown && <Blank icon={<CalendarX size={32} strokeWidth={1.4} aria-hidden />} title={t('这一天没有开始的走访', 'No visit begins on this day')} />}
      <ul className={css.rows}>
        {rows.slice(0, most).map((v) => (
          <li key={v.id}>
            <Link to={to(v.id)} className={css.row}>
              <span className={css.rowMain}><b>{v.household?.address.text ?? t('住户不在您的范围内', 'A household outside of what you see')}</b><VisitBadge visit={v} /></span>
              <span className={css.rowSub}>
                {v.household?.occupant && <span>{v.household.occupant}</span>}
                <span>{v.place.cell?.name ?? v.place.community?.name}</span>
                <span>{v.plan?.title ?? v.cause?.text}</span>
                {v.assignee && <span>{v.assignee.name}</span>}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {rows.length > most && <div className={css.more}><Button size="small" onPress={() => setMost(most + step)}>{t(`再显示 ${Math.min(step, rows.length - most)} 次`, `Show ${Math.min(step, rows.length - most)} more`)}</Button></div>}
    </>
  )
}
