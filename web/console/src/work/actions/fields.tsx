import { type ReactNode } from 'react'
import { type Schemas } from '../../api'
import { useWordList } from '../../api/words'
import { useT } from '../../i18n'
import { PickList, Select, TextField } from '../../ui'
import { useCategories } from '../categories'
import { wrongOf, type Wrongs } from '../deed'
import { type Ticket } from '../ticket'

export type Action = Schemas['TicketActionIn']
/** Draft is what a form of an action holds until it is sent. */
export type Draft = Omit<Schemas['TicketMove'], 'action'>

/** FieldProps is what each field of a form gets: the draft, how to change it, what is wrong with it, and the tickets it is for. */
export type FieldProps = { draft: Draft; set: (change: Draft) => void; wrongs: Wrongs; tickets: Ticket[] }

type Words = 'reason' | 'note' | 'question' | 'answer' | 'facts' | 'measures'

export function WordsField({ name, label, hint, required, rows = 3, draft, set, wrongs }: FieldProps & { name: Words; label: string; hint?: string; required?: boolean; rows?: number }) {
  return <TextField label={label} hint={hint} rows={rows} maxLength={1000} isRequired={required} value={draft[name] ?? ''} onChange={(v) => set({ [name]: v || undefined })} error={wrongOf(wrongs, '/' + name)} />
}

/** Reason is read by who reported too; Note by those who work on it only. */
export function Reason({ optional, ...props }: FieldProps & { optional?: boolean }) {
  const t = useT()
  return <WordsField {...props} name="reason" required={!optional} label={t('原因', 'Reason')} hint={t('上报人也看得到', 'The reporter reads it too')} />
}

export function Note(props: FieldProps) {
  const t = useT()
  return <WordsField {...props} name="note" rows={2} label={t('说明', 'Note')} hint={t('只给经办人看', 'For those who work on it only')} />
}

const inStreet = (value: string) => (value ? new Date(`${value}:00+08:00`).toISOString() : undefined)
const ofStreet = (iso: string | null | undefined) => (iso ? new Date(Date.parse(iso) + 8 * 3600_000).toISOString().slice(0, 16) : '')

/** WhenField is a time as streets reckon it, wherever the reader is. */
export function WhenField({ name, label, hint, draft, set, wrongs }: FieldProps & { name: 'until' | 'reviewAt'; label: string; hint?: string }) {
  return <TextField label={label} hint={hint} type="datetime-local" isRequired value={ofStreet(draft[name])} onChange={(v) => set({ [name]: inStreet(v) })} error={wrongOf(wrongs, '/' + name)} />
}

/** WordSelect picks a word of an enumeration. */
export function WordSelect<K extends 'outcome' | 'verification' | 'request'>({ name, list, label, only, draft, set, wrongs }: FieldProps & { name: K; list: string; label: string; only?: string[] }) {
  const options = useWordList(list).filter((o) => !only || only.includes(o.id))
  return <Select label={label} isRequired options={options} value={draft[name] ?? null} onChange={(id) => set({ [name]: id } as Draft)} error={wrongOf(wrongs, '/' + name)} />
}

/** streetOf is the street that all the tickets lie in; undefined where they do not lie in one. */
export const streetOf = (tickets: Ticket[]) => {
  const streets = new Set(tickets.map((x) => x.place.street?.code))
  return streets.size === 1 ? [...streets][0] : undefined
}

export function CategoryField({ required, label, keep, draft, set, wrongs, tickets }: FieldProps & { required?: boolean; label?: string; keep?: boolean }) {
  const t = useT()
  const { offered } = useCategories(streetOf(tickets))
  const options = offered.map((c) => ({ id: c.code, text: c.group ? `${c.group.name} / ${c.name}` : c.name }))
  if (keep) options.unshift({ id: '', text: t('不变', 'As it is') })
  return <Select label={label ?? t('类别', 'Category')} isRequired={required} options={options} value={draft.category ?? (keep ? '' : null)} onChange={(id) => set({ category: id || undefined })} error={wrongOf(wrongs, '/category')} />
}

/** ConditionField is the condition under which tickets of one category are accepted; it sets their time. */
export function ConditionField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const words = useWordList('Urgency')
  const { all } = useCategories(streetOf(tickets))
  const categories = new Set(tickets.map((x) => x.category))
  const category = categories.size === 1 ? all.find((c) => c.code === tickets[0]!.category) : undefined
  if (!category) return <Fixed>{t('所选工单类别不同，各按其类别的一般情形立案', 'They are of several categories: each is accepted under the first condition of its own')}</Fixed>
  const options = category.conditions.map((c) => ({ id: c.code, text: [c.name, c.urgency !== 'normal' && words.find((w) => w.id === c.urgency)?.text, t(`${c.days} 天办结`, `${c.days} days`)].filter(Boolean).join(' · ') }))
  return <Select label={t('立案条件', 'Condition')} isRequired options={options} value={draft.condition ?? options[0]?.id ?? null} onChange={(id) => set({ condition: id })} error={wrongOf(wrongs, '/condition')} />
}

/** Fixed is a line of a form that is told, not filled in. */
export const Fixed = ({ children }: { children: ReactNode }) => <p className="muted">{children}</p>

/** TickedField are the closing conditions of the tickets' condition, each to be seen to. */
export function TickedField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const { all } = useCategories(streetOf(tickets))
  const closing = new Map<string, string>()
  for (const x of tickets)
    for (const c of all.find((k) => k.code === x.category)?.conditions.find((k) => k.code === x.condition)?.closing ?? []) closing.set(c.code, c.name)
  if (closing.size === 0) return null
  return <PickList label={t('结案条件，逐项确认', 'Closing conditions, each seen to')} multiple required options={[...closing].map(([id, text]) => ({ id, text }))} chosen={draft.ticked ?? []} onChoose={(ids) => set({ ticked: ids })} error={wrongOf(wrongs, '/ticked')} />
}
