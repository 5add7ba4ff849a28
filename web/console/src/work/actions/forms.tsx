import { type ComponentType } from 'react'
import { useT } from '../../i18n'
import { AssigneeField, DepartmentsField, HelperField, HelpersField, RuledField } from './assignee'
import { ChildrenField } from './children'
import { CategoryField, ConditionField, Fixed, Note, Reason, TickedField, WhenField, WordsField, WordSelect, type Action, type Draft, type FieldProps } from './fields'
import { PhotosField } from './photos'
import { IntoField, StreetField, TakenCategoryField, WhereField } from './where'

type Key = keyof Draft
type Form = {
  fields: ComponentType<FieldProps>
  needs?: Key[] | ((p: Pick<FieldProps, 'draft' | 'tickets'>) => Key[]) // without which it is not sent
  may?: Key[] // what else it asks for
  one?: boolean // for one ticket only, not for many at once
  grave?: boolean // not to be undone easily: its button warns
}

const Nothing = () => {
  const t = useT()
  return <Fixed>{t('确认后立即办理。', 'It is done as soon as you confirm.')}</Fixed>
}

type Of = Pick<FieldProps, 'draft' | 'tickets'>
const pending = (p: Pick<FieldProps, 'tickets'>) => p.tickets[0]?.requests.filter((r) => r.state === 'open').map((r) => r.kind) ?? []
const asksWhich = (p: Of) => p.tickets.length > 1 || pending(p).length > 1
const saysWhy = (p: Of) => p.draft.outcome === 'not_fixed' || p.tickets.some((x) => x.childrenNotFixed > 0)
const isShelved = (p: Of) => p.tickets.every((x) => x.state === 'suspended')

/** RequestOf: which request is meant, where more than one is open. */
function RequestOf(p: FieldProps) {
  const t = useT()
  const open = pending(p)
  if (!asksWhich(p)) return null
  return <WordSelect {...p} name="request" list="TicketRequest" label={t('哪项申请', 'Which request')} only={p.tickets.length === 1 ? open : undefined} />
}

function RequestForm(p: FieldProps) {
  const t = useT()
  return (
    <>
      <WordSelect {...p} name="request" list="TicketRequest" label={t('申请', 'What is asked for')} />
      {p.draft.request === 'extension' && <WhenField {...p} name="until" label={t('延至', 'Until')} />}
      <Reason {...p} />
      {p.draft.request === 'return' && <WordsField {...p} name="facts" rows={2} label={t('新情况', 'What is new')} hint={t('派遣已久或再次申请退回时须说明', 'Needed of a return that is asked for late or again')} />}
    </>
  )
}

function ResolveForm(p: FieldProps) {
  const t = useT()
  return (
    <>
      <WordSelect {...p} name="outcome" list="Outcome" label={t('处置结果', 'Outcome')} />
      {saysWhy(p) && <Reason {...p} />}
      <PhotosField {...p} label={t('处置后照片', 'Photos after')} />
      <Note {...p} />
    </>
  )
}

function CloseForm(p: FieldProps) {
  const t = useT()
  if (isShelved(p)) return <Reason {...p} />
  return (
    <>
      <WordSelect {...p} name="verification" list="Verification" label={t('核查方式', 'How it was verified')} />
      <TickedField {...p} />
      <PhotosField {...p} />
      <Note {...p} />
    </>
  )
}

function CorrectForm(p: FieldProps) {
  return <><CategoryField {...p} keep />{p.tickets.length === 1 && <WhereField {...p} />}<Reason {...p} optional /><Note {...p} /></>
}

function AnswerForm(p: FieldProps) {
  const t = useT()
  return (
    <>
      {p.tickets[0]?.question && <Fixed>{t('问：', 'Asked: ')}{p.tickets[0].question.text}</Fixed>}
      <WordsField {...p} name="answer" label={t('上报人的补充', 'What the reporter answers')} hint={t('有照片时可不写', 'Photos alone will do')} />
      <PhotosField {...p} />
    </>
  )
}

function ShelveForm(p: FieldProps) {
  const t = useT()
  return (
    <>
      <Reason {...p} />
      <WordsField {...p} name="measures" required label={t('挂账期间的措施', 'What is done meanwhile')} />
      <WhenField {...p} name="reviewAt" label={t('复核时间', 'Looked at again')} />
    </>
  )
}

const AskForm = (p: FieldProps) => {
  const t = useT()
  return <><WordsField {...p} name="question" required label={t('需要补充什么', 'What the reporter is asked')} hint={t('发给上报人；等待补充期间停计时限', 'It is sent to the reporter; the clock stands still meanwhile')} /><Note {...p} /></>
}
const ReplyForm = (p: FieldProps) => {
  const t = useT()
  return <WordsField {...p} name="answer" required label={t('答复', 'Reply')} hint={t('发给上报人，工单随即办结', 'It is sent to the reporter, and closes the ticket')} rows={4} />
}
const SuspendForm = (p: FieldProps) => {
  const t = useT()
  return <><Reason {...p} /><WhenField {...p} name="until" label={t('挂起至', 'Until')} /></>
}
const onlyReason = (p: FieldProps) => <Reason {...p} />
const mayReason = (p: FieldProps) => <Reason {...p} optional />
const onlyNote = (p: FieldProps) => <Note {...p} />

/** forms has the form of every action of the lifecycle: none can be allowed that has no form here. */
export const forms: Record<Action, Form> = {
  ask: { fields: AskForm, needs: ['question'], may: ['note'] },
  answer: { fields: AnswerForm, needs: (p) => (p.draft.photos?.length ? [] : ['answer']), may: ['answer', 'photos'], one: true },
  unask: { fields: onlyNote, may: ['note'] },
  reply: { fields: ReplyForm, needs: ['answer'] },
  accept: { fields: (p) => <><ConditionField {...p} /><PhotosField {...p} /><Note {...p} /></>, may: ['condition', 'photos', 'note'] },
  reject: { fields: onlyReason, needs: ['reason'], grave: true },
  correct: { fields: CorrectForm, may: ['category', 'position', 'candidate', 'reason', 'note'] },
  take: { fields: (p) => <><TakenCategoryField {...p} /><Note {...p} /></>, may: ['category', 'note'] },
  give_back: { fields: onlyReason, needs: ['reason'] },
  allot: { fields: (p) => <><StreetField {...p} /><Reason {...p} /></>, needs: ['street', 'reason'], one: true },
  dispatch: { fields: (p) => <><AssigneeField {...p} /><HelpersField {...p} /><Note {...p} /></>, needs: ['assignee'], may: ['helpers', 'note'] },
  escalate: { fields: onlyReason, needs: ['reason'] },
  convene: { fields: (p) => <><DepartmentsField {...p} /><Reason {...p} /></>, needs: ['departments', 'reason'] },
  attend: { fields: onlyNote, may: ['note'] },
  decline: { fields: onlyReason, needs: ['reason'] },
  rule: { fields: (p) => <><RuledField {...p} /><Reason {...p} /></>, needs: ['reason'], may: ['departments'], one: true },
  request: { fields: RequestForm, needs: (p) => ['request', 'reason', ...(p.draft.request === 'extension' ? ['until' as const] : [])], may: ['facts', 'until'] },
  grant: { fields: (p) => <><RequestOf {...p} /><Reason {...p} optional /></>, needs: (p) => (asksWhich(p) ? ['request'] : []), may: ['request', 'reason'] },
  refuse: { fields: (p) => <><RequestOf {...p} /><Reason {...p} /></>, needs: (p) => (asksWhich(p) ? ['request', 'reason'] : ['reason']), may: ['request'] },
  recall: { fields: (p) => <><RequestOf {...p} /><Note {...p} /></>, needs: (p) => (asksWhich(p) ? ['request'] : []), may: ['request', 'note'] },
  start: { fields: onlyNote, may: ['note'] },
  help_start: { fields: onlyNote, may: ['note'] },
  help_done: { fields: onlyNote, may: ['note'] },
  help_release: { fields: (p) => <><HelperField {...p} /><Reason {...p} /></>, needs: ['helper', 'reason'], one: true },
  suspend: { fields: SuspendForm, needs: ['reason', 'until'] },
  shelve: { fields: ShelveForm, needs: ['reason', 'measures', 'reviewAt'] },
  resume: { fields: onlyNote, may: ['note'] },
  resolve: { fields: ResolveForm, needs: (p) => ['outcome', ...(saysWhy(p) ? ['reason' as const] : [])], may: ['photos', 'reason', 'note'] },
  confirm: { fields: mayReason, may: ['reason'] },
  dispute: { fields: onlyReason, needs: ['reason'] },
  rework: { fields: onlyReason, needs: ['reason'] },
  close: { fields: CloseForm, needs: (p) => (isShelved(p) ? ['reason'] : ['verification']), may: ['ticked', 'photos', 'note'] },
  reopen: { fields: onlyReason, needs: ['reason'] },
  withdraw: { fields: mayReason, may: ['reason'], grave: true },
  urge: { fields: Nothing },
  supervise: { fields: onlyReason, needs: ['reason'] },
  split: { fields: (p) => <><ChildrenField {...p} /><Note {...p} /></>, needs: ['children'], may: ['note'], one: true },
  unsplit: { fields: mayReason, may: ['reason'], grave: true },
  merge: { fields: (p) => <><IntoField {...p} /><Reason {...p} optional /></>, needs: ['into'], may: ['reason'] },
  unmerge: { fields: mayReason, may: ['reason'] },
}

/** ahead are the actions that carry a ticket on, the first of them its next step. */
export const ahead: Action[] = ['take', 'accept', 'dispatch', 'reply', 'start', 'resume', 'resolve', 'close', 'grant', 'allot', 'rule', 'attend', 'help_start', 'help_done', 'answer', 'confirm']

/** inOrder are the actions that have a form: the next step first, what ends it otherwise last. */
export function inOrder(allowed: string[]): Action[] {
  const known = allowed.filter((a): a is Action => a in forms)
  const rank = (a: Action) => (forms[a].grave ? 99 : ahead.includes(a) ? ahead.indexOf(a) - 50 : 0)
  return known.sort((a, b) => rank(a) - rank(b))
}

/** begun is a draft as its form opens: what the form shows as chosen is chosen. */
export function begun(action: Action, p: Pick<FieldProps, 'tickets'>): FieldProps['draft'] {
  const first = p.tickets[0]
  const open = pending(p)
  if ((action === 'grant' || action === 'refuse' || action === 'recall') && p.tickets.length === 1 && open.length === 1) return { request: open[0] as 'return' | 'extension' }
  if (action === 'split' && first) return { children: Array.from({ length: first.state === 'split' ? 1 : 2 }, () => ({ category: first.category, title: '' })) }
  return {}
}

const none = (v: unknown) => v === undefined || v === null || v === '' || (typeof v === 'string' && !v.trim()) || (Array.isArray(v) && v.length === 0)

/** missing are the fields of a form without which it is not sent. */
export function missing(action: Action, p: Of): Key[] {
  const { needs } = forms[action]
  return (typeof needs === 'function' ? needs(p) : (needs ?? [])).filter((key) => none(p.draft[key]))
}

/** asks tells whether a form has the field that a pointer of the server's names: what it has not is said above it. */
export function asks(action: Action, p: Of, pointer: string) {
  const { needs, may } = forms[action]
  return [...(typeof needs === 'function' ? needs(p) : (needs ?? [])), ...(may ?? [])].some((key) => pointer === '/' + key || pointer.startsWith(`/${key}/`))
}
