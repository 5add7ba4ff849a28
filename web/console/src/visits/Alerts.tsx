import { HeartHandshake } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { $api, api, type Schemas } from '../api'
import { DeedDialog, useSend } from '../app/deed'
import { useT } from '../i18n'
import { useAfresh } from '../work/deed'
import { Blank, Button, Loaded, Table, TextField, Time, said, useFilters, type Column } from '../ui'
import { place } from './VisitsPage'

type Stop = Schemas['Stop']

/** Alerts are the households where nobody answered twice in a row, until somebody has seen to them. */
export function Alerts() {
  const t = useT()
  const { get } = useFilters()
  const [stop, setStop] = useState<Stop>()
  const list = $api.useQuery('get', '/v1/stops', { params: { query: { queue: 'alert', limit: 50, ...place(get) } } })
  const columns: Column<Stop>[] = [
    { id: 'where', name: t('住户', 'Household'), width: 'minmax(220px, 2fr)', main: true, show: (s) => <Link to={`/stops/${s.id}`}>{s.household?.address.text ?? s.address?.text ?? s.place.cell?.name}</Link> },
    { id: 'who', name: t('住户姓名', 'Occupant'), width: '90px', show: (s) => s.household?.occupant },
    { id: 'cell', name: t('网格', 'Cell'), width: 'minmax(130px, 1fr)', show: (s) => s.place.cell?.name },
    { id: 'by', name: t('走访人', 'Visited by'), width: '110px', show: (s) => s.by?.name },
    { id: 'at', name: t('第二次无人应答', 'Second time unanswered'), width: '160px', show: (s) => <Time at={s.at} /> },
    { id: 'do', name: t('处理', 'See to it'), width: '120px', show: (s) => s.allowed.includes('clear_alert') && <Button size="small" onPress={() => setStop(s)}>{t('解除关注', 'Clear')}</Button> },
  ]
  return (
    <Loaded of={list}>
      {(page) => (
        <>
          {page.items.length === 0 ? (
            <Blank icon={<HeartHandshake size={36} strokeWidth={1.4} aria-hidden />} title={t('没有需要关注的住户', 'No household needs attention')}>{t('连续两次上门无人应答的重点住户会出现在这里', 'Households of care where nobody answered twice in a row appear here')}</Blank>
          ) : (
            <>
              <p className="muted">{t('连续两次上门无人应答。请联系本人或家属，核实平安后再解除。', 'Nobody answered twice in a row. Reach the person or the family, and clear it once you know that they are well.')}</p>
              <Table label={t('关注预警', 'Alerts')} columns={columns} rows={page.items} idOf={(s) => s.id} />
            </>
          )}
          {stop && <ClearAlert stop={stop} onClose={() => setStop(undefined)} />}
        </>
      )}
    </Loaded>
  )
}

/** ClearAlert says that an alert was seen to, and how. */
export function ClearAlert({ stop, onClose }: { stop: Stop; onClose: () => void }) {
  const t = useT()
  const afresh = useAfresh()
  const [note, setNote] = useState('')
  const deed = useSend((header) => api.POST('/v1/stops/{id}/clear-alert', { params: { path: { id: stop.id }, header }, body: { note } }), () => {
    said(t('已解除关注', 'The alert is cleared'))
    afresh('/v1/stops')
    onClose()
  })
  return (
    <DeedDialog title={t('解除关注', 'Clear the alert')} verb={t('解除', 'Clear')} {...deed} fields={['/note']} ready={note.trim() !== ''} onGo={() => void deed.go({ note })} onClose={onClose}>
      <p>{stop.household?.address.text ?? stop.address?.text}{stop.household?.occupant && ` · ${stop.household.occupant}`}</p>
      <TextField label={t('如何核实', 'What you found out')} rows={3} value={note} onChange={setNote} error={deed.fault('/note')} isRequired maxLength={1000} placeholder={t('如：已联系子女，老人在外地', 'Such as: reached the children, she is away')} autoFocus />
    </DeedDialog>
  )
}
