import { X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { useActionName } from '../api/words'
import { useT } from '../i18n'
import { Badge, Button, Table, Time, type Column } from '../ui'
import { BatchDialog } from './actions/BatchDialog'
import { type Action } from './actions/fields'
import { ahead, forms, inOrder } from './actions/forms'
import { useCategories } from './categories'
import { Due, isOpen, StateBadge, UrgencyBadge, type Ticket } from './ticket'
import css from './work.module.css'

/** TicketTable is a list of tickets, of which several can be seen to at once. */
export function TicketTable({ label, rows, more, loading }: { label: string; rows: Ticket[]; more?: () => void; loading?: boolean }) {
  const t = useT()
  const { name } = useCategories(rows[0]?.place.street?.code)
  const [chosen, setChosen] = useState(new Set<string>())
  const [batch, setBatch] = useState<{ action: Action; tickets: Ticket[] }>()
  const picked = rows.filter((r) => chosen.has(r.id))
  const columns: Column<Ticket>[] = [
    { id: 'title', name: t('标题', 'Title'), width: 'minmax(200px, 2.2fr)', main: true, show: (r) => <span className={css.titleCell}><Link to={`/tickets/${r.id}`} title={r.title}>{r.title}</Link><UrgencyBadge urgency={r.urgency} />{r.supervised.length > 0 && <Badge tone="danger">{t('督办', 'Supervised')}</Badge>}</span> },
    { id: 'state', name: t('状态', 'State'), width: t('112px', '184px'), show: (r) => <StateBadge state={r.state} /> },
    { id: 'due', name: t('时限', 'Due'), width: t('128px', '144px'), show: (r) => isOpen(r) && r.dueAt ? <Due at={r.dueAt} over={r.overdue} /> : null },
    { id: 'category', name: t('类别', 'Category'), width: 'minmax(90px, 0.8fr)', show: (r) => <span title={name(r.category)}>{name(r.category)}</span> },
    { id: 'place', name: t('地点', 'Place'), width: 'minmax(130px, 1.2fr)', show: (r) => <span title={r.address}>{r.address || r.place.cell?.name || r.place.community?.name}</span> },
    { id: 'assignee', name: t('处置', 'With'), width: 'minmax(100px, 0.9fr)', show: (r) => (r.assignee ? <span title={r.assignee.name}>{r.assignee.name}</span> : null) },
    { id: 'number', name: t('受理编号', 'Number'), width: '176px', show: (r) => <span className="mono">{r.number}</span> },
    { id: 'at', name: t('上报', 'Reported'), width: '112px', show: (r) => <Time at={r.createdAt} /> },
  ]
  return (
    <>
      <Table label={label} columns={columns} rows={rows} idOf={(r) => r.id} nameOf={(r) => r.title} more={more} loading={loading} chosen={chosen} onChoose={setChosen} />
      {picked.length > 0 && <BatchBar tickets={picked} onClear={() => setChosen(new Set())} onAct={(action) => setBatch({ action, tickets: picked })} />}
      {batch && <BatchDialog tickets={batch.tickets} action={batch.action} onClose={(left) => { setBatch(undefined); if (left) setChosen(new Set(left)) }} />}
    </>
  )
}

/** BatchBar is what all the chosen tickets allow. */
function BatchBar({ tickets, onClear, onAct }: { tickets: Ticket[]; onClear: () => void; onAct: (a: Action) => void }) {
  const t = useT()
  const name = useActionName()
  const actions = useMemo(() => inOrder(tickets[0]!.allowed).filter((a) => !forms[a].one && tickets.every((x) => x.allowed.includes(a))), [tickets])
  return (
    <div className={`${css.batch} noprint`} role="region" aria-label={t('批量办理', 'Several at once')}>
      <b>{t(`已选 ${tickets.length} 件`, `${tickets.length} chosen`)}</b>
      <div className={css.batchActions}>
        {actions.map((a, i) => <Button key={a} size="small" variant={i === 0 && ahead.includes(a) ? 'primary' : forms[a].grave ? 'danger' : 'plain'} onPress={() => onAct(a)}>{name(a)}</Button>)}
        {actions.length === 0 && <span className="muted">{t('所选工单没有共同可办的操作', 'There is nothing that all of them allow')}</span>}
      </div>
      <Button variant="quiet" icon size="small" aria-label={t('取消选择', 'Choose none')} onPress={onClear}><X size={16} /></Button>
    </div>
  )
}
