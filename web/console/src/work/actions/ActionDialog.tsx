import { useEffect, useRef, useState } from 'react'
import { api, isProblem, type Problem } from '../../api'
import { useActionName, useWords } from '../../api/words'
import { useT } from '../../i18n'
import { Button, Dialog, Notice, said } from '../../ui'
import { mended, useAfresh, useDeed, useTicketSeen, wrongsOf, type Wrongs } from '../deed'
import { type Ticket } from '../ticket'
import css from '../work.module.css'
import { type Action, type Draft } from './fields'
import { asks, begun, forms, missing } from './forms'

/**
 * ActionDialog is the form of an action on a ticket. What is written stays while the page around it changes: where the ticket
 * has moved on meanwhile, that is said.
 */
export function ActionDialog({ ticket, action, onClose }: { ticket: Ticket; action: Action; onClose: () => void }) {
  const t = useT()
  const word = useWords()
  const name = useActionName()(action)
  const afresh = useAfresh()
  const deed = useDeed()
  const seen = useTicketSeen()
  const [draft, setDraft] = useState<Draft>(() => begun(action, { tickets: [ticket] }))
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [busy, setBusy] = useState(false)
  const form = forms[action]
  const Fields = form.fields
  const [lacks, setLacks] = useState<Wrongs>({})
  const wrongs = { ...wrongsOf(problem), ...lacks }
  const ref = useRef<HTMLFormElement>(null)
  const [tried, setTried] = useState(0)
  useEffect(() => { // who works with the keyboard is taken to what is wrong
    if (problem || Object.keys(lacks).length) ref.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-invalid] button')?.focus()
  }, [tried])
  const set = (change: Draft) => {
    setDraft((d) => ({ ...d, ...change }))
    setProblem((p) => mended(p, change))
    setLacks((l) => Object.fromEntries(Object.entries(l).filter(([at]) => !(at.slice(1) in change))))
  }

  const send = async () => {
    const without = missing(action, { draft, tickets: [ticket] })
    setLacks(Object.fromEntries(without.map((key) => ['/' + key, t('必填', 'This is needed')])))
    setTried((n) => n + 1)
    if (without.length) return setProblem(undefined)
    setBusy(true)
    setProblem(undefined)
    setLost(false)
    try {
      const body = { ...draft, action }
      const { data, error } = await api.POST('/v1/tickets/{id}/transitions', { params: { path: { id: ticket.id }, header: deed(body) }, body })
      afresh('/v1/tickets', '/v1/me/todo', '/v1/me/today')
      if (data) {
        seen(data)
        said(t(`${name}：${word('TicketState', data.state)}`, `${name}: ${word('TicketState', data.state)}`))
        return onClose()
      }
      if (isProblem(error)) setProblem(error)
      else setLost(true)
    } catch {
      setLost(true)
    }
    setBusy(false)
    setTried((n) => n + 1)
  }

  return (
    <Dialog title={name} onClose={onClose} foot={<>
      <Button onPress={onClose}>{t('取消', 'Cancel')}</Button>
      <Button variant={form.grave ? 'danger' : 'primary'} isPending={busy} type="submit" form="action">{name}</Button>
    </>}>
      <form id="action" ref={ref} className={css.form} onSubmit={(e) => { e.preventDefault(); void send() }} noValidate>
        <p className={css.formFor}><span className="mono">{ticket.number}</span> {ticket.title}</p>
        {!ticket.allowed.includes(action) && !busy && <Notice tone="warn">{t(`工单已有变化，现为「${word('TicketState', ticket.state)}」，您可能已不能办理这一步`, `The ticket has moved on: it is now ${word('TicketState', ticket.state)}, and this step may not be yours any more`)}</Notice>}
        {problem && <Refusal problem={problem} ticket={ticket} others={(problem.errors ?? []).filter((e) => !asks(action, { draft, tickets: [ticket] }, e.pointer)).map((e) => e.detail)} />}
        {lost && <Notice tone="danger">{t('连接不上服务器。内容都还在，可以再试，不会重复办理。', 'The server cannot be reached. Nothing is lost: try again, it is done once only.')}</Notice>}
        <Fields draft={draft} set={set} wrongs={wrongs} tickets={[ticket]} />
      </form>
    </Dialog>
  )
}

/** Refusal says why an action was not taken: what of the form is wrong, that the ticket has moved on, or that it may not be. */
function Refusal({ problem, ticket, others }: { problem: Problem; ticket: Ticket; others: string[] }) {
  const t = useT()
  const word = useWords()
  if (problem.status === 409 && problem.allowed)
    return (
      <Notice tone="danger">
        <p>{problem.detail}</p>
        <p>{t(`现在的状态：${word('TicketState', ticket.state)}。`, `It is now: ${word('TicketState', ticket.state)}. `)}{problem.allowed.length ? t('您可以：', 'You may: ') + problem.allowed.map((a) => word('TicketAction', a)).join('、') : t('您现在没有可办的。', 'There is nothing for you to do now.')}</p>
      </Notice>
    )
  return (
    <Notice tone="danger">
      <p>{problem.detail}</p>
      {others.map((text) => <p key={text}>{text}</p>)}
    </Notice>
  )
}
