import { ChevronLeft, ChevronRight } from 'lucide-react'
import { $api, type Schemas } from '../api'
import { useLanguage, useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Button, Card, Loaded, Notice, useFilters } from '../ui'
import { addDays, dayOf, isDay, startOf, today, weekdayOf } from '../visits/month'
import css from './stations.module.css'

type Shift = Schemas['StationCover']['shifts'][number]
type Missing = Shift['missing'][number]

const hour = 3_600_000

/** Cover is a week of a station, who is there when, with the holes: times in which nobody there may take some items. */
export function Cover({ id }: { id: string }) {
  const t = useT()
  const f = useFormats()
  const { get, put } = useFilters()
  const monday = (d: string) => addDays(d, -weekdayOf(d))
  const week = monday(isDay(get('week')) ? get('week') : today())
  const end = addDays(week, 7)
  const cover = $api.useQuery('get', '/v1/stations/{id}/cover', { params: { path: { id }, query: { from: startOf(week), to: startOf(end) } } })
  const go = (w: string) => put({ week: w === monday(today()) ? '' : w })
  return (
    <Card
      title={t('在岗与顶岗', 'Who is there')}
      actions={
        <span className={css.week}>
          <Button variant="quiet" icon size="small" aria-label={t('上一周', 'The week before')} onPress={() => go(addDays(week, -7))}><ChevronLeft size={16} /></Button>
          <span aria-live="polite">{f.date(week)} – {f.date(addDays(week, 6))}</span>
          <Button variant="quiet" icon size="small" aria-label={t('下一周', 'The next week')} onPress={() => go(end)}><ChevronRight size={16} /></Button>
        </span>
      }
    >
      <Loaded of={cover} lines={7}>{(c) => <Week week={week} shifts={c.shifts} />}</Loaded>
    </Card>
  )
}

function Week({ week, shifts }: { week: string; shifts: Shift[] }) {
  const t = useT()
  const { lang } = useLanguage()
  const days = Array.from({ length: 7 }, (_, i) => addDays(week, i))
  const at = (time: string) => (Date.parse(time) - Date.parse(startOf(dayOf(time)))) / hour
  const first = Math.floor(Math.min(9, ...shifts.map((s) => at(s.from))))
  const last = Math.ceil(Math.max(17, ...shifts.map((s) => at(s.from) + (Date.parse(s.until) - Date.parse(s.from)) / hour)))
  const left = (time: string) => `${((at(time) - first) / (last - first)) * 100}%`
  const width = (from: string, until: string) => `${((Date.parse(until) - Date.parse(from)) / hour / (last - first)) * 100}%`
  const holes = shifts.flatMap((s) => s.missing)
  const clock = new Intl.DateTimeFormat(lang, { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false })
  const span = (x: { from: string; until: string }) => `${clock.format(new Date(x.from))}–${clock.format(new Date(x.until))}`
  const name = (d: string) => new Intl.DateTimeFormat(lang, { weekday: 'short', month: 'numeric', day: 'numeric', timeZone: 'UTC' }).format(new Date(d))
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((h) => h % 3 === 0)
  return (
    <div className={css.cover}>
      <Holes holes={holes} span={span} />
      <div className={css.scale} aria-hidden><span /><div>{ticks.map((h) => <i key={h} style={{ left: `${((h - first) / (last - first)) * 100}%` }}>{h}:00</i>)}</div></div>
      <ul className={css.days}>
        {days.map((d) => {
          const its = shifts.filter((s) => dayOf(s.from) === d)
          return (
            <li key={d} aria-current={d === today() ? 'date' : undefined}>
              <span className={css.dayName}>{name(d)}</span>
              <div className={css.line}>
                {its.length === 0 && <span className={css.shut}>{t('不开放', 'Closed')}</span>}
                {its.map((s) => {
                  const people = s.there.map((x) => (x.person?.name ?? '—') + (x.for ? t(`（顶 ${x.for.name}）`, ` (for ${x.for.name})`) : ''))
                  const said = `${s.shift ?? t('无班次', 'no shift')} ${span(s)}：${people.join('、') || t('无人', 'nobody')}${s.missing.length ? `；${t('有缺口', 'with holes')}` : ''}`
                  return (
                    <div key={s.from + s.shift} className={`${css.shift} ${s.missing.length ? css.hole : ''}`} style={{ left: left(s.from), width: width(s.from, s.until) }} title={said}>
                      <span className="sr">{said}</span>
                      <span aria-hidden><b>{s.shift ?? t('无班次', 'no shift')}</b> {people.length ? people.join('、') : t('无人', 'nobody')}</span>
                      {s.missing.map((m, i) => <i key={i} className={css.gap} style={{ left: `${((Date.parse(m.from) - Date.parse(s.from)) / (Date.parse(s.until) - Date.parse(s.from))) * 100}%`, width: `${((Date.parse(m.until) - Date.parse(m.from)) / (Date.parse(s.until) - Date.parse(s.from))) * 100}%` }} aria-hidden />)}
                    </div>
                  )
                })}
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Holes({ holes, span }: { holes: Missing[]; span: (x: { from: string; until: string }) => string }) {
  const t = useT()
  const f = useFormats()
  const kinds = $api.useQuery('get', '/v1/qualification-kinds', {}, { enabled: holes.some((h) => h.qualification), staleTime: 300_000 })
  const { lang } = useLanguage()
  const kind = (code: string) => {
    const name = kinds.data?.items.find((k) => k.code === code)?.name
    return typeof name === 'string' ? name : ((name as Record<string, string> | undefined)?.[lang] ?? code)
  }
  if (!holes.length) return <Notice tone="good">{t('本周每个班次都有人可办全部事项', 'This week somebody is there for every item on every shift')}</Notice>
  const times = [...new Set(holes.map((h) => h.from + h.until))].map((time) => holes.filter((h) => h.from + h.until === time))
  return (
    <Notice tone="warn">
      <b>{t(`${times.length} 段时间有缺口`, times.length === 1 ? '1 time with holes' : `${times.length} times with holes`)}</b>
      <ul className={css.holes}>
        {times.map((all) => (
          <li key={all[0]!.from + all[0]!.until}>
            <span className={css.holeTime}>{f.date(all[0]!.from)} {span(all[0]!)}</span>
            {all.map((h, i) => <span key={i}><Badge tone="danger">{h.qualification ? t(`无${kind(h.qualification)}资格`, `Nobody for ${kind(h.qualification)}`) : t('无人在岗', 'Nobody is there')} · {t(`${h.items.length} 项`, h.items.length === 1 ? '1 item' : `${h.items.length} items`)}</Badge></span>)}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
