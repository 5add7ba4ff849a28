import { X } from 'lucide-react'
import { $api } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Button, ButtonLink, Facts, Failure, Loaded, Time } from '../ui'
import { useCategories } from '../work/categories'
import css from './map.module.css'

/** TicketPeek is a ticket that was pointed at on the map: enough to know whether to open it. */
export function TicketPeek({ id, onCell, onClose }: { id: string; onCell: (code: string) => void; onClose: () => void }) {
  const t = useT()
  const word = useWords()
  const categories = useCategories()
  const ticket = $api.useQuery('get', '/v1/tickets/{id}', { params: { path: { id } } })
  const k = ticket.data
  return (
    <div className={css.panel}>
      <header className={css.panelHead}>
        <div><h2>{k?.title ?? t('工单', 'Ticket')}</h2><p className="muted mono">{k?.number}</p></div>
        <Button icon variant="quiet" aria-label={t('关闭', 'Close')} onPress={onClose}><X size={18} /></Button>
      </header>
      {ticket.error ? <Failure error={ticket.error} retry={() => void ticket.refetch()} /> : (
        <div className={css.panelBody}>
          <Loaded of={ticket} lines={5}>
            {(d) => (
              <>
                <div className={css.badges}><Badge tone="accent">{word('TicketState', d.state)}</Badge>{d.urgency !== 'normal' && <Badge tone="warn">{word('Urgency', d.urgency)}</Badge>}{d.overdue && <Badge tone="danger">{t('超期', 'overdue')}</Badge>}</div>
                {d.description && <p className="break">{d.description}</p>}
                <Facts items={[
                  [t('类别', 'Category'), categories.name(d.category)],
                  [t('地址', 'Address'), d.address],
                  [t('网格', 'Cell'), d.place.cell && <Button size="small" variant="quiet" className={css.textual} onPress={() => onCell(d.place.cell!.code)}>{d.place.cell.name}</Button>],
                  [t('经办', 'With'), d.assignee?.name],
                  [t('上报', 'Reported'), <Time at={d.createdAt} as="ago" />],
                  [t('期限', 'Due'), d.dueAt && <Time at={d.dueAt} />],
                ]} />
                <ButtonLink variant="primary" href={`/tickets/${d.id}`}>{t('打开工单', 'Open the ticket')}</ButtonLink>
              </>
            )}
          </Loaded>
        </div>
      )}
    </div>
  )
}
