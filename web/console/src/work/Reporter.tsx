import { Eye } from 'lucide-react'
import { useState } from 'react'
import { api, isProblem, type Problem, type Schemas } from '../api'
import { useWordList, useWords } from '../api/words'
import { useT } from '../i18n'
import { Button, Card, Dialog, Facts, Notice, PickList, TextField } from '../ui'
import { wrongOf, wrongsOf } from './deed'
import { type Ticket } from './ticket'
import css from './work.module.css'

/** Reporter is who reported, masked. Who needs to know more says why, and that is on the journal. */
export function Reporter({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const [asking, setAsking] = useState(false)
  const [revealed, setRevealed] = useState<Schemas['Revealed']>()
  const who = ticket.reporter
  return (
    <Card title={t('上报人', 'Reporter')} actions={who && !ticket.anonymous && !ticket.mine && !revealed && <Button size="small" className="noprint" onPress={() => setAsking(true)}><Eye size={15} aria-hidden />{t('查看', 'Reveal')}</Button>}>
      <div className={css.stack}>
        <Facts items={[
          [t('姓名', 'Name'), ticket.anonymous ? t('匿名', 'Anonymous') : (revealed?.name ?? who?.name ?? t('未公开', 'Not shown to you'))],
          [t('电话', 'Phone'), revealed?.phone ? <a href={`tel:${revealed.phone.replace(/[^\d+]/g, '')}`}>{revealed.phone}</a> : who?.phone],
          [t('代报', 'On behalf, by'), ticket.reportedBy?.name],
          [t('来源', 'Source'), word('TicketSource', ticket.source)],
        ]} />
        {revealed && <p className="muted">{t('本次查看已记入流水；离开本页后不再显示。', 'This is on the journal; it is gone when you leave the page.')}</p>}
      </div>
      {asking && <Ask ticket={ticket} onClose={() => setAsking(false)} onSeen={(r) => { setRevealed(r); setAsking(false) }} />}
    </Card>
  )
}

function Ask({ ticket, onClose, onSeen }: { ticket: Ticket; onClose: () => void; onSeen: (r: Schemas['Revealed']) => void }) {
  const t = useT()
  const [fields, setFields] = useState<('name' | 'phone')[]>(['phone'])
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [busy, setBusy] = useState(false)
  const options = useWordList('ReporterField')
  const send = async () => {
    setBusy(true)
    setProblem(undefined)
    setLost(false)
    try {
      const { data, error } = await api.POST('/v1/tickets/{id}/reveal', { params: { path: { id: ticket.id } }, body: { fields, reason: reason.trim() } })
      if (data) return onSeen(data)
      if (isProblem(error)) setProblem(error)
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  const wrongs = wrongsOf(problem)
  return (
    <Dialog title={t('查看上报人', 'Reveal the reporter')} onClose={onClose} foot={<><Button onPress={onClose}>{t('取消', 'Cancel')}</Button><Button variant="primary" type="submit" form="reveal" isPending={busy} isDisabled={fields.length === 0}>{t('查看', 'Reveal')}</Button></>}>
      <form id="reveal" className={css.form} noValidate onSubmit={(e) => { e.preventDefault(); void send() }}>
        {problem && <Notice tone="danger">{problem.detail}</Notice>}
        {lost && <Notice tone="danger">{t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later')}</Notice>}
        <PickList label={t('查看内容', 'What')} multiple required options={options} chosen={fields} onChoose={(ids) => setFields(ids as typeof fields)} error={wrongOf(wrongs, '/fields')} />
        <TextField label={t('原因', 'Reason')} isRequired maxLength={200} value={reason} onChange={setReason} hint={t('如：回访核实处置结果。每次查看都记入流水。', 'Such as: to call back. Each time is on the journal.')} error={wrongOf(wrongs, '/reason')} />
      </form>
    </Dialog>
  )
}
