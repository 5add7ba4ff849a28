import { keepPreviousData } from '@tanstack/react-query'
import { CheckCircle2 } from 'lucide-react'
import { $api } from '../api'
import { useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Blank, Loaded } from '../ui'
import type { View } from './PublicMap'
import { Follow } from './follow'
import { stageOf, tones } from './states'
import type { Spot } from './style'
import css from './public.module.css'

const days = 30
const most = 100

/** since is the first of the days shown, in Suzhou. */
const since = () => new Date(Date.now() + 8 * 3600_000 - (days - 1) * 86_400_000).toISOString().slice(0, 10)

export function useCategoryName(area?: string) {
  const all = $api.useQuery('get', '/v1/categories', { params: { query: area ? { area } : {} } }, { staleTime: 600_000 })
  return { all, name: (code: string) => all.data?.items.find((c) => c.code === code)?.name ?? code }
}

/** NearbyPanel is the list beside the map: what was reported lately where the map looks. */
export function NearbyPanel({ view, chosen, onChoose, onSignIn }: { view?: View; chosen?: string; onChoose: (id: string, at?: Spot) => void; onSignIn: () => void }) {
  const t = useT()
  const word = useWords()
  const { name } = useCategoryName()
  const bbox = view?.bbox.map((x) => x.toFixed(4)).join(',') ?? ''
  const found = $api.useQuery('get', '/ogc/collections/{collection}/items', { params: { path: { collection: 'tickets' }, query: { bbox, datetime: `${since()}/..`, limit: most } as never } }, { enabled: !!view, placeholderData: keepPreviousData })
  return (
    <div className={css.stack}>
      <Loaded of={found}>
        {(page) => {
          const items = [...page.features].sort((a, b) => day(b).localeCompare(day(a)))
          if (items.length === 0) return <Blank icon={<CheckCircle2 size={36} strokeWidth={1.4} aria-hidden />} title={t('这里近来没有公开的诉求', 'Nothing public was reported here lately')}>{t('移动或缩小地图看看别处', 'Move the map, or zoom out, to look elsewhere')}</Blank>
          return (
            <>
              <p className="muted">{items.length < most ? t(`地图范围内，近 ${days} 天上报 ${items.length} 件`, `${items.length} reported in ${days} days where the map looks`) : t(`范围内的 ${most} 件；放大地图看得更全`, `${most} of them; zoom in to see all`)}</p>
              <ul className={css.list}>
                {items.map((f) => {
                  const p = f.properties as { category: string; state: string; reportedOn: string }
                  const at = f.geometry as unknown as { coordinates: [number, number] } | null
                  return (
                    <li key={String(f.id)} className={css.item} data-chosen={f.id === chosen || undefined}>
                      <button type="button" className={css.pick} onClick={() => onChoose(String(f.id), at ? { lon: at.coordinates[0], lat: at.coordinates[1] } : undefined)} aria-pressed={f.id === chosen}>
                        <i className={css.dot} data-stage={stageOf(p.state)} aria-hidden />
                        <span className={css.text}><b>{name(p.category)}</b><small>{p.reportedOn}</small></span>
                        <Badge tone={tones[stageOf(p.state)]}>{word('TicketState', p.state)}</Badge>
                      </button>
                      {f.id === chosen && <div className={css.more}><Follow id={String(f.id)} onSignIn={onSignIn} /></div>}
                    </li>
                  )
                })}
              </ul>
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

const day = (f: { properties: unknown }) => (f.properties as { reportedOn?: string }).reportedOn ?? ''
