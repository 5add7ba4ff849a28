import { useState, type ReactNode } from 'react'
import { isProblem, type Problem } from '../api'
import { useT } from '../i18n'
import { useDeed, wrongOf, wrongsOf } from '../work/deed'
import { Button, Dialog, Notice } from '../ui'

type Answer<D> = { data?: D; error?: unknown }

/** useSend sends something to be done once, and keeps why it was refused. */
export function useSend<D>(send: (header: { 'Idempotency-Key': string }) => Promise<Answer<D>>, done: (made: D | undefined) => void) {
  const header = useDeed()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | 'unheard'>()
  const go = async (body: unknown) => {
    setBusy(true)
    setProblem(undefined)
    try {
      const { data, error } = await send(header(body))
      if (error === undefined) done(data)
      else setProblem(isProblem(error) ? error : 'unheard')
    } catch {
      setProblem('unheard')
    }
    setBusy(false)
  }
  const wrongs = wrongsOf(problem === 'unheard' ? undefined : problem)
  return { go, busy, problem, fault: (pointer: string) => wrongOf(wrongs, pointer) }
}

/** Refusal says why a deed was not done, but for what stands at the fields. */
export function Refusal({ problem, fields = [] }: { problem?: Problem | 'unheard'; fields?: string[] }) {
  const t = useT()
  if (!problem) return null
  if (problem === 'unheard') return <Notice tone="danger">{t('没有收到服务器的答复，请重试；重复提交只生效一次', 'The server did not answer. Try again: sent twice it is done once')}</Notice>
  const others = (problem.errors ?? []).filter((e) => !fields.some((f) => e.pointer === f || e.pointer.startsWith(f + '/')))
  if (problem.errors?.length && !others.length) return null
  return <Notice tone="danger">{problem.detail}{others.map((e) => <div key={e.pointer}>{e.detail}</div>)}</Notice>
}

/** DeedDialog is a form over the page for one deed. */
export function DeedDialog({ title, verb, danger, busy, problem, fields, ready = true, children, onGo, onClose }: {
  title: string; verb: string; danger?: boolean; busy: boolean; problem?: Problem | 'unheard'; fields?: string[]; ready?: boolean; children: ReactNode; onGo: () => void; onClose: () => void
}) {
  const t = useT()
  return (
    <Dialog title={title} onClose={onClose} foot={<><Button onPress={onClose}>{t('取消', 'Cancel')}</Button><Button variant={danger ? 'danger' : 'primary'} isPending={busy} isDisabled={!ready} onPress={onGo}>{verb}</Button></>}>
      <Refusal problem={problem} fields={fields} />
      {children}
    </Dialog>
  )
}
