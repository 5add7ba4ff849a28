import { FileText, Grid2x2, House, Map as MapIcon, Search as Lens, Ticket, UserRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ComboBox, Header, Input, Label, ListBox, ListBoxItem, ListBoxSection, Popover } from 'react-aria-components'
import { useLocation } from 'wouter'
import { $api, api, type Schemas } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { said, useNarrow } from '../ui'
import ui from '../ui/ui.module.css'
import { placeOfPath } from '../work/paths'
import type { Handle } from './Canvas'
import css from './map.module.css'
import type { View } from './view'

type Found = Schemas['Found']['items'][number]

const icons: Record<string, typeof Lens> = { cell: Grid2x2, area: MapIcon, address: House, ticket: Ticket, case: FileText, person: UserRound }

/** settled is a text when its writer pauses. */
function useSettled(text: string) {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 220)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

/** Search is the one field for whatever a manager may look for, and brings the map there. */
export function Search({ handle, change, onPin }: { handle: { current: Handle | null }; change: (patch: Partial<View>) => void; onPin: (at: [number, number] | undefined) => void }) {
  const t = useT()
  const word = useWords()
  const [, go] = useLocation()
  const [text, setText] = useState('')
  const [round, setRound] = useState(0) // of the field: what was chosen is on the map, and a new one begins
  const narrow = useNarrow()
  const q = useSettled(text.trim())
  const long = [...q].length > 1
  const found = $api.useQuery('get', '/v1/find', { params: { query: { q } } }, { enabled: long, staleTime: 10_000, placeholderData: (before) => (long ? before : undefined) })
  const items = long ? (found.data?.items ?? []) : []
  const kinds = [...new Set(items.map((i) => i.kind))]

  const open = async (f: Found) => {
    onPin(undefined)
    const at = f.position
    if (f.kind === 'cell') change({ cell: f.id, ticket: undefined, day: undefined })
    if (f.kind === 'ticket' && at) change({ ticket: f.id, cell: undefined, day: undefined })
    if (f.kind === 'case' || (f.kind === 'ticket' && !at)) {
      const place = f.path && placeOfPath(f.path)
      if (place) go(place)
      return
    }
    if (f.kind === 'person') {
      const { data } = await api.GET('/v1/accounts/{id}', { params: { path: { id: f.id } } })
      const cell = data?.posts[0]?.cell
      if (!cell) return said(t(`${f.title} 今天没有负责的网格`, `${f.title} has no cell today`))
      const { data: c } = await api.GET('/v1/cells/{code}', { params: { path: { code: cell.code } } })
      change({ cell: cell.code, ticket: undefined, day: undefined })
      if (c && 'bbox' in c) handle.current?.fit(c.bbox as [number, number, number, number], 16)
      return
    }
    if (f.bbox) handle.current?.fit(f.bbox as [number, number, number, number], 16)
    else if (at) {
      if (f.kind === 'address') onPin([at.lon, at.lat])
      handle.current?.go(at.lon, at.lat, 17)
    }
  }

  return (
    <ComboBox key={round} className={css.search} inputValue={text} onInputChange={setText} allowsCustomValue allowsEmptyCollection menuTrigger="input" items={items}
      onSelectionChange={(key) => {
        const f = items.find((i) => `${i.kind} ${i.id}` === key)
        if (!f) return
        setText('')
        setRound(round + 1)
        void open(f)
      }} selectedKey={null}>
      <Label className="sr">{t('查找网格、区划、地址、编号、人员', 'Find cells, areas, addresses, numbers, people')}</Label>
      <Lens size={16} aria-hidden className={css.lens} />
      <Input className={`${ui.input} ${css.searchInput}`} placeholder={t('网格、地址、受理编号、人员', 'Cell, address, number, person')} autoFocus={round > 0 && !narrow} />
      <Popover className={`${ui.popover} ${css.found}`}>
        <ListBox renderEmptyState={() => <p className={css.none}>{!long ? t('至少输入两个字', 'Two characters at least') : found.isFetching ? t('正在查找…', 'Looking…') : found.error ? t('查找失败，请重试', 'The search failed; try again') : t('没有找到', 'Nothing found')}</p>}>
          {kinds.map((kind) => {
            const Icon = icons[kind] ?? Lens
            return (
              <ListBoxSection key={kind} id={kind}>
                <Header className={css.kind}>{word('FoundKind', kind)}{found.data?.more.includes(kind) && <small>{t('还有更多，请写得更具体', 'more: be more specific')}</small>}</Header>
                {items.filter((i) => i.kind === kind).map((i) => (
                  <ListBoxItem key={i.id} id={`${i.kind} ${i.id}`} textValue={[i.title, i.subtitle].filter(Boolean).join(' ')} className={ui.option}>
                    <Icon size={16} aria-hidden className={css.kindIcon} /><span className={css.foundText}><b>{i.title}</b>{i.subtitle && <small>{i.subtitle}</small>}</span>
                  </ListBoxItem>
                ))}
              </ListBoxSection>
            )
          })}
        </ListBox>
      </Popover>
    </ComboBox>
  )
}
