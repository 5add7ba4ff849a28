import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { $api, api, isProblem, useAccount, type Problem, type Schemas } from '../api'
import { useWordList } from '../api/words'
import { useT } from '../i18n'
import { Button, Checkbox, Dialog, Notice, PickList, Select, TextField } from '../ui'
import { PhotosField } from './actions/photos'
import { useCategories } from './categories'
import { mended, useAfresh, useDeed, wrongOf, wrongsOf, type Wrongs } from './deed'
import { placeText, StateBadge } from './ticket'
import css from './work.module.css'

type Draft = Omit<Schemas['TicketDraft'], 'category'> & { category?: string }

/** NewTicket reports what staff found or were told, on a resident's behalf where there is one. What is alike nearby is shown first. */
export function NewTicket({ onClose }: { onClose: () => void }) {
  const t = useT()
  const [, go] = useLocation()
  const account = useAccount()
  const afresh = useAfresh()
  const deed = useDeed()
  const area = account.grants.find((g) => (g.area?.code.length ?? 0) >= 9)?.area?.code
  const { offered } = useCategories(area?.slice(0, 9))
  const kinds = useWordList('TicketKind')
  const urgencies = useWordList('Urgency')
  const [draft, setDraft] = useState<Draft>({ title: '', kind: 'help', urgency: 'normal', anonymous: false })
  const [behalf, setBehalf] = useState(false)
  const [q, setQ] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [busy, setBusy] = useState(false)
  const [lacks, setLacks] = useState<Wrongs>({})
  const set = (change: Partial<Draft>) => {
    setDraft((d) => ({ ...d, ...change }))
    setProblem((p) => mended(p, change))
    setLacks((l) => Object.fromEntries(Object.entries(l).filter(([at]) => !(at.slice(1) in change))))
  }
  const words = q.trim()
  const found = $api.useQuery('get', '/v1/addresses', { params: { query: { q: words, limit: 20 } } }, { enabled: words.length > 1, placeholderData: (p) => p })
  const matches = words.length > 1 ? (found.data?.items ?? []) : []
  const chosen = matches.find((m) => m.position.lon === draft.position?.lon && m.position.lat === draft.position?.lat)
  const similar = $api.useQuery('get', '/v1/tickets/similar', { params: { query: { category: draft.category ?? '', lon: draft.position?.lon, lat: draft.position?.lat, datum: 'wgs84' } } }, { enabled: !!draft.category && !!draft.position })
  const alike = (similar.data?.items ?? []).flatMap((s) => (s.ticket ? [s.ticket] : []))
  const wrongs = { ...wrongsOf(problem), ...lacks }

  const send = async () => {
    const needed: [string, boolean][] = [['/title', !draft.title.trim()], ['/category', !draft.category], ['/position', !draft.position && words.length < 2]]
    const without = needed.filter(([, empty]) => empty).map(([at]) => at)
    setLacks(Object.fromEntries(without.map((at) => [at, t('必填', 'This is needed')])))
    if (without.length) return setProblem(undefined)
    setBusy(true)
    setProblem(undefined)
    setLost(false)
    try {
      const body = { ...draft, address: (chosen?.text ?? words) || undefined, area: draft.position ? undefined : area, category: draft.category ?? '' } as Schemas['TicketDraft']
      const { data, error } = await api.POST('/v1/tickets', { params: { header: deed(body) }, body })
      if (data) {
        afresh('/v1/tickets')
        return go(`/tickets/${data.id}`)
      }
      if (isProblem(error)) setProblem(error)
      else setLost(true)
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  return (
    <Dialog title={t('上报', 'Report')} onClose={onClose} foot={<><Button onPress={onClose}>{t('取消', 'Cancel')}</Button><Button variant="primary" type="submit" form="report" isPending={busy}>{t('上报', 'Report')}</Button></>}>
      <form id="report" className={css.form} noValidate onSubmit={(e) => { e.preventDefault(); void send() }}>
        {problem && <Notice tone="danger"><p>{problem.detail}</p>{(problem.errors ?? []).filter((e) => !['/title', '/category', '/description', '/address', '/position', '/photos'].includes(e.pointer) && !e.pointer.startsWith('/onBehalfOf')).map((e) => <p key={e.pointer}>{e.detail}</p>)}</Notice>}
        {lost && <Notice tone="danger">{t('连接不上服务器。内容都还在，可以再试，不会重复上报。', 'The server cannot be reached. Nothing is lost: try again, it is reported once only.')}</Notice>}
        <TextField label={t('标题', 'Title')} isRequired maxLength={100} value={draft.title} onChange={(title) => set({ title })} error={wrongOf(wrongs, '/title')} autoFocus />
        <div className={css.pair}>
          <Select label={t('类别', 'Category')} isRequired options={offered.map((c) => ({ id: c.code, text: c.name }))} value={draft.category ?? null} onChange={(category) => set({ category })} error={wrongOf(wrongs, '/category')} />
          <Select label={t('性质', 'Kind')} options={kinds} value={draft.kind ?? null} onChange={(kind) => set({ kind: kind as Draft['kind'] })} />
        </div>
        <TextField label={t('内容', 'What it is about')} rows={3} maxLength={4000} value={draft.description ?? ''} onChange={(v) => set({ description: v || undefined })} error={wrongOf(wrongs, '/description')} />
        <PickList label={t('地点', 'Where')} required find={t('输入地址查找，如 大儒巷8幢', 'Write an address to find it')} onSearch={(v) => { setQ(v); set({ position: undefined }) }} options={matches.map((m) => ({ id: m.id, text: m.text, about: placeText(m.place) }))}
          empty={words.length > 1 ? t('没有相符的地址：按所写的上报，由街道定位', 'None matches: it is reported as written, and the street places it') : t('输入地址后在这里选定', 'Choose it here once you have written it')}
          chosen={chosen ? [chosen.id] : []} onChoose={([id]) => { const m = matches.find((x) => x.id === id); set({ position: m && { lon: m.position.lon, lat: m.position.lat, datum: m.position.datum as Schemas['DatumIn'] } }) }} error={wrongOf(wrongs, '/position') ?? wrongOf(wrongs, '/address')} />
        {alike.length > 0 && <Notice tone="warn"><p>{t('附近已有同类的未办结工单：', 'The same is open nearby already: ')}</p><ul>{alike.slice(0, 4).map((x) => <li key={x.id}><Link to={`/tickets/${x.id}`}>{x.title}</Link> <StateBadge state={x.state} /></li>)}</ul></Notice>}
        <Select label={t('紧急程度', 'Urgency')} options={urgencies} value={draft.urgency ?? null} onChange={(u) => set({ urgency: u as Draft['urgency'] })} />
        <PhotosField draft={draft} set={(c) => set({ photos: c.photos })} wrongs={wrongs} />
        <Checkbox isSelected={behalf} onChange={(on) => { setBehalf(on); set({ onBehalfOf: on ? { phone: '' } : undefined }) }}>{t('代居民上报', "On a resident's behalf")}</Checkbox>
        {behalf && (
          <div className={css.pair}>
            <TextField label={t('居民电话', 'Phone')} isRequired inputMode="tel" value={draft.onBehalfOf?.phone ?? ''} onChange={(phone) => set({ onBehalfOf: { ...draft.onBehalfOf, phone } })} error={wrongOf(wrongs, '/onBehalfOf/phone') ?? wrongOf(wrongs, '/onBehalfOf')} />
            <TextField label={t('姓名', 'Name')} maxLength={50} value={draft.onBehalfOf?.name ?? ''} onChange={(name) => set({ onBehalfOf: { phone: '', ...draft.onBehalfOf, name: name || undefined } })} error={wrongOf(wrongs, '/onBehalfOf/name')} />
          </div>
        )}
      </form>
    </Dialog>
  )
}
