import { X } from 'lucide-react'
import { Link } from 'wouter'
import { $api, isProblem, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT, type T } from '../i18n'
import { useFormats } from '../i18n/format'
import { Badge, Button, Failure, Loaded, Time } from '../ui'
import { openStates } from '../work/ticket'
import { figureName, type FigureId } from './figures'
import { Homes } from './Homes'
import css from './map.module.css'

type Cell = Schemas['Cell']

/** useCell is a cell as the API has it. */
export const useCell = (code: string | undefined, day?: string) =>
  $api.useQuery('get', '/v1/cells/{code}', { params: { path: { code: code ?? '' }, query: { at: day && `${day}T23:59:59+08:00` } } }, { enabled: !!code, select: (d) => d as Cell })

/** CellPanel is what there is to know of a cell, and where its work is done. */
export function CellPanel({ code, day, figure, figures, onClose }: { code: string; day?: string; figure: FigureId; figures?: Record<string, unknown>; onClose: () => void }) {
  const t = useT()
  const word = useWords()
  const cell = useCell(code, day)
  const community = useArea(cell.data?.community.code)
  const street = useArea(community.data?.parent ?? undefined)
  return (
    <div className={css.panel} data-cell={code}>
      <header className={css.panelHead}>
        <div>
          <h2>{cell.data?.name ?? code}{cell.data && cell.data.kind !== 'basic' && <Badge tone="info">{word('CellKind', cell.data.kind)}</Badge>}</h2>
          <p className="muted">{[street.data?.name, cell.data?.community.name].filter(Boolean).join(' › ')} <span className="mono">{code}</span></p>
        </div>
        <Button icon variant="quiet" aria-label={t('关闭', 'Close')} onPress={onClose}><X size={18} /></Button>
      </header>
      {cell.error ? <Failure error={cell.error} retry={() => void cell.refetch()} /> : (
        <div className={css.panelBody}>
          {!day && <Numbers code={code} figure={figure} figures={figures} />}
          <Loaded of={cell} lines={4}>{(c) => day ? null : <Team cell={c} />}</Loaded>
          {!day && <Tickets code={code} />}
          {!day && <Homes cell={code} street={community.data?.parent ?? undefined} />}
          <Boundaries code={code} />
        </div>
      )}
    </div>
  )
}

const useArea = (code: string | undefined) => $api.useQuery('get', '/v1/areas/{code}', { params: { path: { code: code ?? '' } } }, { enabled: !!code, staleTime: 600_000 })

const shown: FigureId[] = ['open', 'overdue', 'recent', 'visitsDue', 'visitsOverdue', 'alerts', 'households']

function Numbers({ code, figure, figures }: { code: string; figure: FigureId; figures?: Record<string, unknown> }) {
  const t = useT()
  const f = useFormats()
  const ids = [figure, ...shown.filter((id) => id !== figure)].filter((id) => typeof figures?.[id] === 'number')
  if (ids.length === 0) return null
  return (
    <dl className={css.numbers}>
      {ids.map((id, i) => (
        <div key={id} className={tone(id, figures![id] as number)}><dt>{figureName(t, id)}</dt><dd data-figure={i === 0 ? id : undefined}>{lists[id] ? <Link to={lists[id](code)}>{f.number(figures![id] as number)}</Link> : f.number(figures![id] as number)}</dd></div>
      ))}
    </dl>
  )
}

// Where the things that a figure counts are listed.
const lists: Partial<Record<FigureId, (code: string) => string>> = {
  open: (code) => `/tickets?cell=${code}`, overdue: (code) => `/tickets?cell=${code}&overdue=true`, visitsDue: (code) => `/visits?cell=${code}`, visitsOverdue: (code) => `/visits?cell=${code}`,
}

const tone = (id: FigureId, n: number) => (n > 0 && ['overdue', 'visitsOverdue', 'alerts'].includes(id) ? css.bad : undefined)

function span(t: T, f: ReturnType<typeof useFormats>, from: string | null, until: string | null) {
  if (!from && !until) return undefined
  if (!until) return t(`${f.date(from!)} 起`, `since ${f.date(from!)}`)
  return from ? `${f.date(from)} – ${f.date(until)}` : t(`至 ${f.date(until)}`, `until ${f.date(until)}`)
}

function Team({ cell }: { cell: Cell }) {
  const t = useT()
  const f = useFormats()
  const word = useWords()
  if (!cell.staff) return null
  const covers = cell.covers ?? []
  return (
    <section>
      <h3>{t('人员', 'Staff')}</h3>
      {cell.staff.length + covers.length === 0 && <p className={css.none}>{t('还没有人负责这个网格', 'Nobody works in this cell yet')}</p>}
      <ul className={css.people}>
        {[...cell.staff].sort((a, b) => Number(b.role === 'lead') - Number(a.role === 'lead')).map((p) => (
          <li key={p.role + p.account.id}><b>{p.account.name}</b><Badge tone={p.role === 'lead' ? 'accent' : 'plain'}>{word('PostRole', p.role)}</Badge><small>{span(t, f, p.from, p.until)}</small></li>
        ))}
        {covers.map((c) => (
          <li key={c.account.id + c.for.id}><b>{c.account.name}</b><Badge tone="warn">{t('顶岗', 'stand-in')}</Badge><small>{t(`替 ${c.for.name}`, `for ${c.for.name}`)}{(c.from || c.until) && ` · ${span(t, f, c.from, c.until)}`}</small></li>
        ))}
      </ul>
    </section>
  )
}

// What has just come in stands before what is due first: the one is to be looked at, the other to be done.
const day = 86_400_000

function Tickets({ code }: { code: string }) {
  const t = useT()
  const due = useOpen(code, 'dueAt', 5)
  const last = useOpen(code, '-createdAt', 3)
  if (isProblem(due.error) && due.error.status === 403) return null
  const fresh = last.data?.items.filter((k) => Date.now() - Date.parse(k.createdAt) < day) ?? []
  return (
    <section>
      <h3>{t('在办工单', 'Open tickets')}<Link to={`/tickets?cell=${code}`}>{t('全部', 'All')}</Link></h3>
      <Loaded of={due} lines={3}>
        {(d) => d.items.length === 0 && fresh.length === 0 ? <p className={css.none}>{t('没有在办工单', 'There are no open tickets')}</p> : (
          <ul className={css.tickets}>
            {fresh.map((k) => <Brief key={k.id} ticket={k} fresh />)}
            {d.items.filter((k) => !fresh.some((x) => x.id === k.id)).map((k) => <Brief key={k.id} ticket={k} />)}
          </ul>
        )}
      </Loaded>
    </section>
  )
}

const useOpen = (cell: string, sort: 'dueAt' | '-createdAt', limit: number) =>
  $api.useQuery('get', '/v1/tickets', { params: { query: { cell, state: [...openStates], sort, limit } } }, { select: (d) => d as Schemas['TicketList'] })

function Brief({ ticket: k, fresh }: { ticket: Schemas['Ticket']; fresh?: boolean }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  return (
    <li>
      <Link to={`/tickets/${k.id}`}>{k.title}</Link>
      <span>
        <Badge>{word('TicketState', k.state)}</Badge>
        {fresh && <Badge tone="info">{t('新', 'new')} · {f.ago(k.createdAt)}</Badge>}
        {k.overdue ? <Badge tone="danger">{t('超期', 'overdue')}</Badge> : k.dueAt && Date.parse(k.dueAt) > Date.now() && <small title={f.full(k.dueAt)}>{t('期限', 'due')} {f.ago(k.dueAt)}</small>}
      </span>
    </li>
  )
}

function Boundaries({ code }: { code: string }) {
  const t = useT()
  const f = useFormats()
  const all = $api.useQuery('get', '/v1/cells/{code}/boundaries', { params: { path: { code } } })
  if (all.error) return null
  return (
    <section>
      <h3>{t('边界沿革', 'Boundaries')}</h3>
      <Loaded of={all} lines={2}>
        {(d) => (
          <ol className={css.versions}>
            {d.items.toReversed().map((b) => (
              <li key={b.id}><Time at={b.validFrom} as="date" />{b.validTo ? <> – <Time at={b.validTo} as="date" /></> : <> {t('至今', 'until now')}</>}<small className="num">{f.number(Math.round(b.areaM2 / 100) / 100)} {t('公顷', 'ha')}</small></li>
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  )
}
