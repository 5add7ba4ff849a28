import { useMemo, useState } from 'react'
import { $api, type Schemas } from '../../api'
import { useWords } from '../../api/words'
import { useT } from '../../i18n'
import { PickList, type Choosable } from '../../ui'
import { useCategories } from '../categories'
import { wrongOf } from '../deed'
import { streetOf, type FieldProps } from './fields'

type AssigneeIn = Schemas['AssigneeIn']
const keyOf = (a: { kind: string; id?: string }) => `${a.kind} ${a.id}`
const ofKey = (key: string) => {
  const [kind, id] = key.split(' ')
  return { kind, id } as AssigneeIn
}

/** useHandlers are who can have tickets of a place: its organisations, the staff of its cell, the people of its street. */
function useHandlers({ tickets }: FieldProps, search: string) {
  const t = useT()
  const word = useWords()
  const street = streetOf(tickets)
  const cells = new Set(tickets.map((x) => x.place.cell?.code))
  const cell = cells.size === 1 ? [...cells][0] : undefined
  const { all } = useCategories(street)
  const organisations = $api.useQuery('get', '/v1/organisations', { params: { query: { area: street, limit: 200 } } }, { enabled: !!street })
  const staff = $api.useQuery('get', '/v1/cells/{code}', { params: { path: { code: cell ?? '' } } }, { enabled: !!cell })
  const q = search.trim().length > 1 ? search.trim() : undefined
  const people = $api.useQuery('get', '/v1/accounts', { params: { query: { area: street, limit: 100, q } } }, { enabled: !!street, placeholderData: (p) => p })
  const proposed = tickets[0] && all.find((c) => c.code === tickets[0]!.category)?.conditions.find((c) => c.code === tickets[0]!.condition)?.assignee

  return useMemo(() => {
    const options: Choosable[] = []
    const add = (o: Choosable) => !options.some((x) => x.id === o.id) && options.push(o)
    if (proposed) add({ id: keyOf({ kind: 'organisation', id: proposed.id }), text: proposed.name, about: t('按立案条件建议', 'proposed by the condition'), group: t('建议', 'Proposed') })
    for (const s of (staff.data as Schemas['Cell'] | undefined)?.staff ?? [])
      if (s.account?.id) add({ id: keyOf({ kind: 'person', id: s.account.id }), text: s.account.name, about: word('PostRole', s.role), group: t('本网格', 'Of the cell') })
    for (const o of organisations.data?.items ?? [])
      if (o.active) add({ id: keyOf({ kind: 'organisation', id: o.id }), text: o.name, about: word('OrganisationKind', o.kind) + (o.street ? '' : t(' · 区县', ' · county')), group: t('处置单位', 'Organisations') })
    for (const a of people.data?.items ?? [])
      if (!a.disabled && !a.machine && a.roles.some((r) => r !== 'resident' && r !== 'integration'))
        add({ id: keyOf({ kind: 'person', id: a.id }), text: a.name ?? a.username ?? '', about: [a.roles.map((r) => word('Role', r)).join('、'), a.grants[0]?.area?.name].filter(Boolean).join(' · '), group: t('街道人员', 'People of the street') })
    return options
  }, [proposed, staff.data, organisations.data, people.data, t, word])
}

const narrowed = (options: Choosable[], search: string) => {
  const s = search.trim().toLowerCase()
  return s ? options.filter((o) => `${o.text} ${o.about ?? ''}`.toLowerCase().includes(s)) : options
}

/** AssigneeField picks who is to handle it: an organisation or a person. */
export function AssigneeField(props: FieldProps) {
  const t = useT()
  const [search, setSearch] = useState('')
  const options = useHandlers(props, search)
  return (
    <PickList label={t('处置人员或单位', 'Who handles it')} required find={t('按名称查找', 'Find by name')} onSearch={setSearch} options={narrowed(options, search)}
      chosen={props.draft.assignee ? [keyOf(props.draft.assignee)] : []} onChoose={([key]) => props.set({ assignee: key ? ofKey(key) : undefined })} error={wrongOf(props.wrongs, '/assignee')} />
  )
}

/** HelpersField picks who helps, beside the one who handles it. */
export function HelpersField(props: FieldProps) {
  const t = useT()
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState(false)
  const options = useHandlers(props, search)
  const main = props.draft.assignee && keyOf(props.draft.assignee)
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t('协办', 'Helpers')}{props.draft.helpers?.length ? ` (${props.draft.helpers.length})` : ''}</summary>
      {open && (
        <PickList label={t('协办人员或单位，最多 10 个', 'Who helps, ten at most')} multiple find={t('按名称查找', 'Find by name')} onSearch={setSearch}
          options={narrowed(options, search).filter((o) => o.id !== main)} chosen={(props.draft.helpers ?? []).map(keyOf)}
          onChoose={(keys) => props.set({ helpers: keys.length ? keys.map(ofKey) : undefined })} error={wrongOf(props.wrongs, '/helpers')} />
      )}
    </details>
  )
}

/** HelperField picks one of those who help already. */
export function HelperField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const word = useWords()
  const helpers = tickets[0]?.helpers ?? []
  return (
    <PickList label={t('协办人员或单位', 'Who helps')} required options={helpers.filter((h) => h.id).map((h) => ({ id: keyOf(h), text: h.name ?? '', about: word('TicketPart', h.part) }))}
      chosen={draft.helper ? [keyOf(draft.helper)] : []} onChoose={([key]) => set({ helper: key ? ofKey(key) : undefined })} error={wrongOf(wrongs, '/helper')} />
  )
}

/** DepartmentsField picks the departments above the street that are called in; those called in already cannot be again. */
export function DepartmentsField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const word = useWords()
  const { data } = $api.useQuery('get', '/v1/organisations', { params: { query: { limit: 500 } } })
  const called = tickets[0]?.convened.filter((c) => !c.endedAt).map((c) => c.organisation.id) ?? []
  const options = (data?.items ?? []).filter((o) => o.active && !o.street && !called.includes(o.id)).map((o) => ({ id: o.id, text: o.name, about: word('OrganisationKind', o.kind) }))
  return <PickList label={t('区县部门', 'Departments')} multiple required find={t('按名称查找', 'Find by name')} options={options} chosen={draft.departments ?? []} onChoose={(ids) => set({ departments: ids })} error={wrongOf(wrongs, '/departments')} />
}

/** RuledField: of the departments that declined, those named have to attend, the others need not. */
export function RuledField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const options = (tickets[0]?.convened ?? []).filter((c) => c.state === 'declined' && !c.endedAt).map((c) => ({ id: c.organisation.id ?? '', text: c.organisation.name ?? '', about: c.why ?? '' }))
  return <PickList label={t('须报到的部门', 'Those that have to attend')} hint={t('未选的免予报到', 'Those not chosen need not')} multiple options={options} chosen={draft.departments ?? []} onChoose={(ids) => set({ departments: ids })} error={wrongOf(wrongs, '/departments')} />
}
