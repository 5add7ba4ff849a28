import { useState } from 'react'
import { $api, type Schemas } from '../../api'
import { useT } from '../../i18n'
import { PickList, Select, TextField, type Choosable } from '../../ui'
import { useCategories } from '../categories'
import { wrongOf } from '../deed'
import { openStates, placeText, type Ticket } from '../ticket'
import { streetOf, type FieldProps } from './fields'

/** WhereField corrects where a ticket lies: at one of its candidates, at an address that is found, or at a position. */
export function WhereField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const ticket = tickets[0]!
  const [how, setHow] = useState('')
  const [q, setQ] = useState('')
  const found = $api.useQuery('get', '/v1/addresses', { params: { query: { q: q.trim(), limit: 20 } } }, { enabled: q.trim().length > 1, placeholderData: (p) => p })
  const matches = found.data?.items ?? []
  const pick = (next: string) => {
    setHow(next)
    set({ candidate: undefined, position: undefined })
  }
  const chosen = matches.find((m) => m.position.lon === draft.position?.lon && m.position.lat === draft.position?.lat)?.id
  const number = (v: string) => (v.trim() === '' ? Number.NaN : Number(v))
  const [lonLat, setLonLat] = useState({ lon: '', lat: '' })
  const place = (next: typeof lonLat) => {
    setLonLat(next)
    const [lon, lat] = [number(next.lon), number(next.lat)]
    set({ position: Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat, datum: 'wgs84' } : undefined })
  }
  const options = [
    { id: '', text: t('不变', 'As it is') },
    ...(ticket.candidates.length ? [{ id: 'candidate', text: t('选定候选地址', 'One of its likely addresses') }] : []),
    { id: 'address', text: t('查找地址', 'Find an address') },
    { id: 'position', text: t('经纬度', 'A position') },
  ]
  return (
    <>
      <Select label={t('位置', 'Where it lies')} options={options} value={how} onChange={pick} hint={t(`现在：${placeText(ticket.place)} ${ticket.address}`, `Now: ${placeText(ticket.place)} ${ticket.address}`)} error={how ? undefined : wrongOf(wrongs, '/position')} />
      {how === 'candidate' && (
        <PickList label={t('候选地址', 'Likely addresses')} required options={ticket.candidates.map((c) => ({ id: c.id, text: c.text, about: `${placeText(c.place)} · ${Math.round(c.confidence * 100)}%` }))}
          chosen={draft.candidate ? [draft.candidate] : []} onChoose={([id]) => set({ candidate: id })} error={wrongOf(wrongs, '/candidate')} />
      )}
      {how === 'address' && (
        <PickList label={t('地址', 'Address')} required find={t('如 大儒巷8幢2单元301室', 'Such as 大儒巷8幢2单元301室')} onSearch={setQ} empty={q.trim().length > 1 ? t('没有相符的地址', 'No address matches') : t('输入地址来查找', 'Write an address to find it')}
          options={q.trim().length > 1 ? matches.map((m) => ({ id: m.id, text: m.text, about: `${placeText(m.place)} · ${Math.round(m.confidence * 100)}%` })) : []} chosen={chosen ? [chosen] : []}
          onChoose={([id]) => { const m = matches.find((x) => x.id === id); set({ position: m && { lon: m.position.lon, lat: m.position.lat, datum: m.position.datum as Schemas['DatumIn'] } }) }} error={wrongOf(wrongs, '/position')} />
      )}
      {how === 'position' && (
        <>
          <TextField label={t('经度（WGS-84）', 'Longitude (WGS-84)')} inputMode="decimal" isRequired value={lonLat.lon} onChange={(lon) => place({ ...lonLat, lon })} error={wrongOf(wrongs, '/position')} />
          <TextField label={t('纬度（WGS-84）', 'Latitude (WGS-84)')} inputMode="decimal" isRequired value={lonLat.lat} onChange={(lat) => place({ ...lonLat, lat })} />
        </>
      )}
    </>
  )
}

/** TakenCategoryField: a street that takes a ticket over says its category where it has none of the one it comes with. */
export function TakenCategoryField({ draft, set, wrongs }: FieldProps) {
  const t = useT()
  const { offered } = useCategories()
  const options = [{ id: '', text: t('按来件', 'As it comes') }, ...offered.map((c) => ({ id: c.code, text: c.name }))]
  return <Select label={t('类别', 'Category')} options={options} value={draft.category ?? ''} onChange={(id) => set({ category: id || undefined })} error={wrongOf(wrongs, '/category')} />
}

/** StreetField: which of the two streets between which a ticket lies the county allots it to. */
export function StreetField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const streets = [tickets[0]?.place.street, tickets[0]?.offer?.place.street].filter((s) => !!s)
  return <Select label={t('指定街道', 'Street')} isRequired options={streets.map((s) => ({ id: s.code, text: s.name }))} value={draft.street ?? null} onChange={(id) => set({ street: id })} error={wrongOf(wrongs, '/street')} />
}

const line = (x: Pick<Ticket, 'id' | 'number' | 'title' | 'address'>, group: string): Choosable => ({ id: x.id, text: x.title, about: [x.number, x.address].filter(Boolean).join(' · '), group })

/** IntoField picks the open ticket that another is merged into: those alike nearby first, others by their words or number. */
export function IntoField({ draft, set, wrongs, tickets }: FieldProps) {
  const t = useT()
  const [q, setQ] = useState('')
  const own = new Set(tickets.map((x) => x.id))
  const first = tickets[0]!
  const near = $api.useQuery('get', '/v1/tickets/similar', { params: { query: { category: first.category, lon: first.position?.lon, lat: first.position?.lat, datum: 'wgs84' } } }, { enabled: !!first.position })
  const words = q.trim().length > 1 ? q.trim() : undefined
  const found = $api.useQuery('get', '/v1/tickets', { params: { query: { q: words, state: [...openStates], limit: 30, area: streetOf(tickets) } } }, { enabled: !!words, placeholderData: (p) => p })
  const options = words
    ? ((found.data?.items ?? []) as Ticket[]).map((x) => line(x, t('查到的', 'Found')))
    : (near.data?.items ?? []).flatMap((x) => (x.ticket ? [line(x.ticket, t('附近同类', 'Alike and near'))] : []))
  return (
    <PickList label={t('并入（主件）', 'Merged into')} required find={t('按标题、地址或受理编号查找', 'Find by title, address or number')} onSearch={setQ} options={options.filter((o) => !own.has(o.id))}
      empty={words ? t('没有相符的未办结工单', 'No open ticket matches') : t('附近没有同类的未办结工单，请查找', 'None alike is open nearby: search')} chosen={draft.into ? [draft.into] : []} onChoose={([id]) => set({ into: id })} error={wrongOf(wrongs, '/into')} />
  )
}
