import { Users } from 'lucide-react'
import { useState } from 'react'
import { $api, useAccount, type Schemas } from '../api'
import { useWords } from '../api/words'
import { AreaFilter, useStreet } from '../app/areas'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Blank, Card, Filters, Loaded, Notice, Page, Select, useFilters } from '../ui'

import { addMonths, isMonth, today } from '../visits/month'
import { Bars } from './Bars'
import css from './deployment.module.css'

type Row = Schemas['DeploymentRow']
type By = 'community' | 'station' | 'street'

/** What a row can be looked at by: its figure, and how that is said. */
type Measure = { id: string; name: string; of: (r: Row) => number | null | undefined; share?: boolean }

/** DeploymentPage is who was freed of the counters, where they work since, and what is done there. */
export default function DeploymentPage() {
  const t = useT()
  const f = useFormats()
  const { get, put } = useFilters()
  const account = useAccount()
  const own = account.grants.map((g) => g.area).filter((a) => a !== null).sort((a, b) => a.code.length - b.code.length)[0]
  const street = useStreet()
  const area = get('area') || own?.code || ''
  const by = (['community', 'station', 'street'].includes(get('by')) ? get('by') : 'community') as By
  const month = today().slice(0, 7)
  const to = isMonth(get('to')) ? get('to') : month
  const from = isMonth(get('from')) ? get('from') : to
  const figures = $api.useQuery('get', '/v1/stats/deployment', { params: { query: { ...(area ? { area } : {}), by, from, to } } }, { placeholderData: (before) => before, enabled: area !== '' })
  const months = Array.from({ length: 13 }, (_, i) => addMonths(month, -i))
  const text = (m: string) => ({ id: m, text: m === month ? t(`${m}（本月）`, `${m} (now)`) : m })
  return (
    <Page title={t('下沉力量', 'Deployment')} about={t('合并前在窗口、现在下沉到网格与社区的力量，以及他们做了什么', 'Who was at the counters before, where they work since, and what they do there')}>
      <Filters label={t('筛选', 'Filters')}>
        <AreaFilter cells={false} />
        <Select label={t('分组', 'By')} value={by} onChange={(v) => put({ by: v === 'community' ? '' : v })} options={[{ id: 'community', text: t('社区', 'Community') }, { id: 'station', text: t('服务站', 'Station') }, ...(street === '' ? [{ id: 'street', text: t('街道', 'Street') }] : [])]} />
        <Select label={t('从', 'From')} value={from} onChange={(v) => put({ from: v === to ? '' : v })} options={[...new Set([...months, from])].filter((m) => m <= to).map(text)} />
        <Select label={t('到', 'To')} value={to} onChange={(v) => put({ to: v === month ? '' : v, from: from > v || from === to ? '' : from })} options={[...new Set([...months, to])].map(text)} />
      </Filters>
      {area === '' && <Blank icon={<Users size={36} strokeWidth={1.4} aria-hidden />} title={t('请先选择街道', 'Choose a street first')} />}
      {area !== '' && <Loaded of={figures} lines={10}>
        {(d) => (
          <>
            <Total row={d.total} at={f.time(d.at)} months={d.months} />
            <Work row={d.total} />
            <Rows rows={d.rows} by={by} />
          </>
        )}
      </Loaded>}
    </Page>
  )
}

function Total({ row, at, months }: { row: Row; at: string; months: number }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const figures: [string, string | null, string?][] = [
    [t('全部人员', 'Staff'), row.staff && f.number(row.staff.count)],
    [t('合并前窗口', 'At counters before'), row.before && f.number(row.before.count), row.before ? `${row.before.day} · ${word('DeploymentBasis', row.before.basis)}` : undefined],
    [t('现在窗口', 'At counters now'), f.number(row.counterStaff.count)],
    [t('腾出', 'Freed'), row.freed === null ? null : f.number(row.freed)],
    [t('窗口收件', 'Cases opened'), row.cases && f.number(row.cases.opened.count)],
    [t('按期办结', 'Decided in time'), row.cases && row.cases.inTimeShare !== null ? `${Math.round(row.cases.inTimeShare * 100)}%` : null],
  ]
  return (
    <>
      <dl className={css.figures}>{figures.map(([name, v, about]) => <div key={name}><dt>{name}</dt><dd>{v ?? <span className="muted">—</span>}{about && <small>{about}</small>}</dd></div>)}</dl>
      {row.before === null && <p className="muted">{t('没有合并前的名单或登记数字，腾出人数无从得知。', 'There is no list or figure of before: nobody knows how many are free of the counters.')}</p>}
      {row.before && !row.before.agrees && <Notice tone="warn">{t(`名单上为 ${row.before.listed} 人，登记数字为 ${row.before.entered?.counterStaff}，两者不一致。`, `${row.before.listed} are on the list and ${row.before.entered?.counterStaff} were entered: these do not agree.`)}</Notice>}
      <p className={css.at}>{t(`人数为 ${at} 时的；所计 ${months} 个月`, `People are counted at ${at}; ${months === 1 ? 'one month' : `${months} months`}`)}</p>
      {row.since.length > 0 && (
        <Card title={t('当时在窗口的人，现在的岗位', 'Where those at counters then work now')}>
          <Bars label={t('现在的岗位', 'Where they work now')} unit={t('人', 'People')} bars={row.since.filter((s) => s.count > 0).map((s) => ({ name: word('PostingKindThen', s.kind), value: s.count }))} />
        </Card>
      )}
    </>
  )
}

function Work({ row }: { row: Row }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  const there = row.work.filter((w) => w.staff.count > 0 || w.ticketsHandled.count > 0 || (w.visitsMet?.count ?? 0) > 0)
  if (!there.length) return null
  const rate = (n: number | null) => (n === null ? '—' : f.number(n))
  return (
    <Card title={t('各类岗位做了什么', 'What is done by kind of post')}>
      <div className={css.beside}>
        <Bars label={t('各类岗位的人数', 'People by kind of post')} unit={t('人', 'People')} bars={there.map((w) => ({ name: word('PostingKind', w.kind), value: w.staff.count }))} hideTable />
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('各类岗位做了什么', 'What is done by kind of post')}>
          <table className={css.table}>
            <thead><tr><th scope="col">{t('岗位', 'Post')}</th><th scope="col">{t('人数', 'People')}</th><th scope="col">{t('见到的走访', 'Visits met')}</th><th scope="col">{t('人月均', 'each a month')}</th><th scope="col">{t('处置的工单', 'Tickets handled')}</th><th scope="col">{t('人月均', 'each a month')}</th></tr></thead>
            <tbody>
              {there.map((w) => (
                <tr key={w.kind}><th scope="row">{word('PostingKind', w.kind)}</th><td>{f.number(w.staff.count)}</td><td>{w.visitsMet ? f.number(w.visitsMet.count) : '—'}</td><td>{rate(w.visitsPerWorkerAndMonth)}</td><td>{f.number(w.ticketsHandled.count)}</td><td>{rate(w.ticketsPerWorkerAndMonth)}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </Card>
  )
}

function Rows({ rows, by }: { rows: Row[]; by: By }) {
  const t = useT()
  const f = useFormats()
  const [measure, setMeasure] = useState('')
  const sum = (r: Row, of: (w: Row['work'][number]) => number) => r.work.reduce((a, w) => a + of(w), 0)
  const measures: Measure[] = [
    { id: 'staff', name: t('人员', 'Staff'), of: (r) => r.staff?.count },
    { id: 'counter', name: t('窗口人员', 'At counters'), of: (r) => r.counterStaff.count },
    { id: 'freed', name: t('腾出', 'Freed'), of: (r) => r.freed },
    { id: 'visits', name: t('见到的走访', 'Visits met'), of: (r) => sum(r, (w) => w.visitsMet?.count ?? 0) },
    { id: 'tickets', name: t('处置的工单', 'Tickets handled'), of: (r) => sum(r, (w) => w.ticketsHandled.count) },
    { id: 'cases', name: t('窗口收件', 'Cases opened'), of: (r) => r.cases?.opened.count },
    { id: 'inTime', name: t('按期办结率', 'Decided in time'), of: (r) => r.cases?.inTimeShare, share: true },
  ]
  const known = measures.filter((m) => rows.some((r) => m.of(r) !== null && m.of(r) !== undefined))
  const m = known.find((x) => x.id === measure) ?? known.find((x) => x.id === 'visits') ?? known[0]
  const name = (r: Row) => r.area?.name ?? r.station?.name ?? '—'
  const say = (x: Measure, r: Row) => {
    const v = x.of(r)
    return v === null || v === undefined ? '—' : x.share ? `${Math.round(v * 100)}%` : f.number(v)
  }
  if (!rows.length || !m) return <Blank icon={<Users size={36} strokeWidth={1.4} aria-hidden />} title={t('没有可分组的数字', 'There is nothing to compare')} />
  const sorted = [...rows].sort((a, b) => (m.of(b) ?? -1) - (m.of(a) ?? -1))
  const titles = { community: t('各社区', 'By community'), station: t('各服务站', 'By station'), street: t('各街道', 'By street') }
  return (
    <Card title={titles[by]} actions={<div className={css.measure}><Select label={t('比较', 'Compare')} hideLabel value={m.id} onChange={setMeasure} options={known.map((x) => ({ id: x.id, text: x.name }))} /></div>}>
      <div className={css.beside}>
        <Bars label={`${titles[by]} · ${m.name}`} unit={m.name} share={m.share} bars={sorted.map((r) => ({ name: name(r), value: m.of(r) ?? 0 }))} hideTable />
        <div className={css.scroll} tabIndex={0} role="region" aria-label={titles[by]}>
          <table className={css.table}>
            <thead><tr><th scope="col">{titles[by]}</th>{known.map((x) => <th key={x.id} scope="col" aria-sort={x.id === m.id ? 'descending' : undefined}>{x.name}</th>)}</tr></thead>
            <tbody>{sorted.map((r) => <tr key={r.area?.code ?? r.station?.id}><th scope="row">{name(r)}</th>{known.map((x) => <td key={x.id} className={x.id === m.id ? css.now : undefined}>{say(x, r)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      </div>
    </Card>
  )
}
