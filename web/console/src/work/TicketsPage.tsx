import { Download, Plus, Printer, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { $api, useAccount } from '../api'
import { usePages } from '../api/pages'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Blank, Button, Loaded, Page } from '../ui'
import { useNarrow } from '../ui/narrow'
import { asked, FilterBar, howMany, useFilters } from './filters'
import { Ledger } from './Ledger'
import { NewTicket } from './NewTicket'
import { type Ticket } from './ticket'
import { TicketTable } from './TicketTable'
import css from './work.module.css'

const leads = ['grid_lead', 'community_manager', 'dispatcher', 'street_manager', 'admin']
const reports = [...leads, 'outreach_worker', 'counter_worker']

/** TicketsPage is the list of tickets by whatever one looks for. */
export default function TicketsPage() {
  const t = useT()
  const f = useFormats()
  const { roles } = useAccount()
  const narrow = useNarrow()
  const [filters, set] = useFilters()
  const [shown, setShown] = useState(false)
  const [dialog, setDialog] = useState<'ledger' | 'new'>()
  const query = asked(filters)
  const list = usePages<Ticket>('/v1/tickets', {}, { ...query, sort: filters.q ? undefined : filters.sort, limit: 100 })
  const counts = $api.useQuery('get', '/v1/tickets/counts', { params: { query: { ...(query as object), by: 'state' } } }, { placeholderData: (p) => p })
  const n = howMany(filters)
  return (
    <Page title={t('工单', 'Tickets')} about={counts.data && t(`共 ${f.number(counts.data.total)} 件`, `${f.number(counts.data.total)} in all`)} actions={<>
      {narrow && <Button aria-expanded={shown} onPress={() => setShown(!shown)}><SlidersHorizontal size={16} aria-hidden />{t('筛选', 'Filters')}{n > 0 && ` (${n})`}</Button>}
      <Button variant="quiet" className={css.atDesk} onPress={() => window.print()}><Printer size={16} aria-hidden />{t('打印', 'Print')}</Button>
      {roles.some((r) => leads.includes(r)) && <Button onPress={() => setDialog('ledger')}><Download size={16} aria-hidden />{t('日台账', 'Ledger')}</Button>}
      {roles.some((r) => reports.includes(r)) && <Button variant="primary" onPress={() => setDialog('new')}><Plus size={16} aria-hidden />{t('上报', 'Report')}</Button>}
    </>}>
      {(!narrow || shown) && <div className="noprint"><FilterBar filters={filters} set={set} /></div>}
      <Loaded of={list} lines={12}>
        {() => list.rows.length > 0
          ? <TicketTable label={t('工单', 'Tickets')} rows={list.rows} more={list.hasNextPage ? () => void list.fetchNextPage() : undefined} loading={list.isFetchingNextPage} />
          : <Blank title={t('没有符合条件的工单', 'No ticket is like that')} action={(n > 0 || filters.q) && <Button onPress={() => set({ q: undefined, state: undefined, category: undefined, area: undefined, cell: undefined, assignee: undefined, overdue: undefined, mark: undefined, from: undefined, to: undefined })}>{t('清除筛选', 'Clear the filters')}</Button>}>{n > 0 || filters.q ? t('换个条件试试', 'Try other filters') : t('未办结的工单会列在这里', 'What is open is listed here')}</Blank>}
      </Loaded>
      {dialog === 'ledger' && <Ledger onClose={() => setDialog(undefined)} />}
      {dialog === 'new' && <NewTicket onClose={() => setDialog(undefined)} />}
    </Page>
  )
}
