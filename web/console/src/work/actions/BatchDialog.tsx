import { CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, isProblem, type Problem, type Schemas } from '../../api'
import { useActionName, useWords } from '../../api/words'
import { useT } from '../../i18n'
import { Button, Dialog, Notice } from '../../ui'
import { useAfresh, useDeed, wrongsOf, type Wrongs } from '../deed'
import { type Ticket } from '../ticket'
import css from '../work.module.css'
import { type Action, type Draft } from './fields'
import { asks, begun, forms, missing } from './forms'

type Result = Schemas['TicketBatchResult']['items'][number]

/** BatchDialog takes one action with many tickets at once, and shows what each came to. */
export function BatchDialog({ tickets, action, onClose }: { tickets: Ticket[]; action: Action; onClose: (left?: string[]) => void }) {
  const t = useT()
  const name = useActionName()(action)
  const afresh = useAfresh()
  const deed = useDeed()
  const [draft, setDraft] = useState<Draft>(() => begun(action, { tickets }))
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [busy, setBusy] = useState(false)
  const [results, setResults] = useState<Result[]>()
  const form = forms[action]
  const Fields = form.fields
  const [lacks, setLacks] = useState<Wrongs>({})
  const send = async () => {
    const without = missing(action, { draft, tickets })
    setLacks(Object.fromEntries(without.map((key) => ['/' + key, t('必填', 'This is needed')])))
    if (without.length) return setProblem(undefined)
    setBusy(true)
    setProblem(undefined)
    setLost(false)
    try {
      const body = { tickets: tickets.map((x) => x.id), transition: { ...draft, action } }
      const { data, error } = await api.POST('/v1/tickets/transitions', { params: { header: deed(body) }, body })
      if (data) {
        const first = data.items[0]?.problem
        // What is wrong with the form is wrong for all of them: it is mended in the form.
        if (first?.status === 422 && data.items.every((i) => i.problem?.status === 422 && JSON.stringify(i.problem.errors) === JSON.stringify(first.errors))) setProblem(first)
        else setResults(data.items)
        afresh('/v1/tickets', '/v1/me/todo', '/v1/me/today')
      } else if (isProblem(error)) setProblem(error)
      else setLost(true)
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  const left = results?.filter((r) => r.problem).map((r) => r.ticket)
  if (results) return <Dialog title={t(`${name}的结果`, `${name}: what each came to`)} onClose={() => onClose(left)} foot={<Button variant="primary" onPress={() => onClose(left)}>{t('完成', 'Done')}</Button>}><Results results={results} tickets={tickets} /></Dialog>
  return (
    <Dialog title={t(`${name} ${tickets.length} 件`, `${name}: ${tickets.length} tickets`)} onClose={() => onClose()} foot={<>
      <Button onPress={() => onClose()}>{t('取消', 'Cancel')}</Button>
      <Button variant={form.grave ? 'danger' : 'primary'} isPending={busy} type="submit" form="batch">{name}</Button>
    </>}>
      <form id="batch" className={css.form} noValidate onSubmit={(e) => { e.preventDefault(); void send() }}>
        <ul className={css.batchList}>{tickets.map((x) => <li key={x.id}>{x.title}<span className="mono muted">{x.number}</span></li>)}</ul>
        {problem && <Notice tone="danger"><p>{problem.detail}</p>{problem.errors?.filter((e) => !asks(action, { draft, tickets }, e.pointer)).map((e) => <p key={e.pointer}>{e.detail}</p>)}</Notice>}
        {lost && <Notice tone="danger">{t('连接不上服务器。内容都还在，可以再试，每件只办理一次。', 'The server cannot be reached. Nothing is lost: try again, each is done once only.')}</Notice>}
        <Fields draft={draft} set={(c) => setDraft((d) => ({ ...d, ...c }))} wrongs={{ ...wrongsOf(problem), ...lacks }} tickets={tickets} />
      </form>
    </Dialog>
  )
}

function Results({ results, tickets }: { results: Result[]; tickets: Ticket[] }) {
  const t = useT()
  const word = useWords()
  const refused = results.filter((r) => r.problem).length
  return (
    <>
      <Notice tone={refused ? 'warn' : 'good'}>{refused ? t(`${results.length - refused} 件已办理，${refused} 件未能办理`, `${results.length - refused} done, ${refused} refused`) : t(`${results.length} 件已办理`, `${results.length} done`)}</Notice>
      <ul className={css.results}>
        {results.map((r, i) => {
          const ticket = tickets.find((x) => x.id === r.ticket)
          return (
            <li key={i}>
              {r.problem ? <CircleX size={17} className={css.over} aria-label={t('未能办理', 'Refused')} /> : <CircleCheck size={17} className={css.met} aria-label={t('已办理', 'Done')} />}
              <span className="break"><Link to={`/tickets/${encodeURIComponent(r.ticket)}`}>{ticket?.title ?? r.ticket}</Link> <span className="mono muted">{ticket?.number}</span>
                {r.problem && <span className={css.why}>{[r.problem.detail, ...(r.problem.errors ?? []).map((e) => e.detail)].filter((x, k, all) => all.indexOf(x) === k).join('；')}</span>}</span>
              <span className="muted">{r.now ? word('TicketState', r.now.state) : ''}</span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
