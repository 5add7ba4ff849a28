import { type ComponentType } from 'react'
import { useT } from '../../i18n'
import { AssigneeField, DepartmentsField, HelperField, HelpersField, RuledField } from './assignee'
import { ChildrenField } from './children'
import { CategoryField, ConditionField, Fixed, Note, Reason, TickedField, WhenField, WordsField, WordSelect, type Action, type FieldProps } from './fields'
import { PhotosField } from './photos'
import { IntoField, StreetField, TakenCategoryField, WhereField } from './where'

type Form = {
  fields: ComponentType<FieldProps>
  one?: boolean // for one ticket only, not for many at once
  grave?: boolean // not to be undone easily: its button warns
}

const Nothing = () => {
  const t = useT()
  return <Fixed>{t('确认后立即办理。', 'It is done as soon as you confirm.')}</Fixed>
}

const pending = (p: FieldProps) => p.tickets[0]?.requests.filter((r) => r.state === 'open').map((r) => r.kind) ?? []

/** RequestOf: which request is meant, where more than one is open. */
function RequestOf(p: FieldProps) {
  const t = useT()
  const open = pending(p)
  if (p.tickets.length === 1 && open.length < 2) return null
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
  const reason = p.draft.outcome === 'not_fixed' || p.tickets.some((x) => x.childrenNotFixed > 0)
  return (
    <>
      <WordSelect {...p} name="outcome" list="Outcome" label={t('处置结果', 'Outcome')} />
      {reason && <Reason {...p} />}
      <PhotosField {...p} label={t('处置后照片', 'Photos after')} />
      <Note {...p} />
    </>
  )
}

function CloseForm(p: FieldProps) {
  const t = useT()
  if (p.tickets.every((x) => x.state === 'suspended')) return <Reason {...p} />
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
  ask: { fields: AskForm },
  answer: { fields: AnswerForm, one: true },
  unask: { fields: onlyNote },
  reply: { fields: ReplyForm },
  accept: { fields: (p) => <><ConditionField {...p} /><PhotosField {...p} /><Note {...p} /></> },
  reject: { fields: onlyReason, grave: true },
  correct: { fields: CorrectForm },
  take: { fields: (p) => <><TakenCategoryField {...p} /><Note {...p} /></> },
  give_back: { fields: onlyReason },
  allot: { fields: (p) => <><StreetField {...p} /><Reason {...p} /></>, one: true },
  dispatch: { fields: (p) => <><AssigneeField {...p} /><HelpersField {...p} /><Note {...p} /></> },
  escalate: { fields: onlyReason },
  convene: { fields: (p) => <><DepartmentsField {...p} /><Reason {...p} /></> },
  attend: { fields: onlyNote },
  decline: { fields: onlyReason },
  rule: { fields: (p) => <><RuledField {...p} /><Reason {...p} /></>, one: true },
  request: { fields: RequestForm },
  grant: { fields: (p) => <><RequestOf {...p} /><Reason {...p} optional /></> },
  refuse: { fields: (p) => <><RequestOf {...p} /><Reason {...p} /></> },
  recall: { fields: (p) => <><RequestOf {...p} /><Note {...p} /></> },
  start: { fields: onlyNote },
  help_start: { fields: onlyNote },
  help_done: { fields: onlyNote },
  help_release: { fields: (p) => <><HelperField {...p} /><Reason {...p} /></>, one: true },
  suspend: { fields: SuspendForm },
  shelve: { fields: ShelveForm },
  resume: { fields: onlyNote },
  resolve: { fields: ResolveForm },
  confirm: { fields: mayReason },
  dispute: { fields: onlyReason },
  rework: { fields: onlyReason },
  close: { fields: CloseForm },
  reopen: { fields: onlyReason },
  withdraw: { fields: mayReason, grave: true },
  urge: { fields: Nothing },
  supervise: { fields: onlyReason },
  split: { fields: (p) => <><ChildrenField {...p} /><Note {...p} /></>, one: true },
  unsplit: { fields: mayReason, grave: true },
  merge: { fields: (p) => <><IntoField {...p} /><Reason {...p} optional /></> },
  unmerge: { fields: mayReason },
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
  const open = first?.requests.filter((r) => r.state === 'open').map((r) => r.kind) ?? []
  if ((action === 'grant' || action === 'refuse' || action === 'recall') && p.tickets.length === 1 && open.length === 1) return { request: open[0] as 'return' | 'extension' }
  if (action === 'split' && first) return { children: Array.from({ length: first.state === 'split' ? 1 : 2 }, () => ({ category: first.category, title: '' })) }
  return {}
}
