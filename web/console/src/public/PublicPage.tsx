import { useQueryClient } from '@tanstack/react-query'
import { Languages, Moon, Sun } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { useSession } from '../api'
import { setTheme, useShade } from '../app/theme'
import { useLanguage } from '../i18n'
import { Button, Dialog, Skeleton, Tabs } from '../ui'
import { MinePanel } from './MinePanel'
import { NearbyPanel } from './NearbyPanel'
import { PhoneSignIn } from './PhoneSignIn'
import type { View } from './PublicMap'
import { blank, ReportPanel, type Report } from './ReportPanel'
import { useMyCell, WorkerPanel } from './WorkerPanel'
import { useStart } from './start'
import type { Spot } from './style'
import css from './public.module.css'

const PublicMap = lazy(() => import('./PublicMap'))

const tabs = ['worker', 'nearby', 'report', 'mine'] as const
type TabId = (typeof tabs)[number]

/** At is what the address says: the tab, the place and the ticket, so that what is looked at can be shared. */
type At = { tab: TabId; place?: Spot; ticket?: string }

function read(search: string): At {
  const q = new URLSearchParams(search)
  const [lat, lon] = (q.get('at') ?? '').split(',').map((v) => (v ? Number(v) : NaN))
  return {
    tab: tabs.find((t) => t === q.get('tab')) ?? 'worker',
    place: Math.abs(lat!) <= 85 && Math.abs(lon!) <= 180 ? { lat: lat!, lon: lon! } : undefined,
    ticket: q.get('ticket') ?? undefined,
  }
}

const heard = new Set<() => void>()
const hear = (f: () => void) => {
  heard.add(f)
  addEventListener('popstate', f)
  return () => {
    heard.delete(f)
    removeEventListener('popstate', f)
  }
}

function useAt(): [At, (change: Partial<At>) => void] {
  const at = read(useSyncExternalStore(hear, () => location.search))
  const go = useCallback((change: Partial<At>) => {
    const next = { ...read(location.search), ...change }
    const q = new URLSearchParams()
    if (next.tab !== 'worker') q.set('tab', next.tab)
    if (next.place) q.set('at', `${next.place.lat.toFixed(5)},${next.place.lon.toFixed(5)}`)
    if (next.ticket) q.set('ticket', next.ticket)
    history.pushState(null, '', `${location.pathname}${q.size ? `?${q}` : ''}`)
    for (const f of heard) f()
  }, [])
  return [at, go]
}

/** PublicPage is the page of whoever lives there: who looks after the place, what is known of it, and a report of one's own. */
export function PublicPage() {
  const { lang, setLang, t } = useLanguage()
  const queries = useQueryClient()
  const shade = useShade()
  const { status } = useSession()
  const [at, go] = useAt()
  const start = useStart()
  const [view, setView] = useState<View>()
  const [look, setLook] = useState<{ at: Spot; zoom: number } | undefined>(at.place && { at: at.place, zoom: 16 })
  const [report, setReport] = useState<Report>(blank)
  const [door, setDoor] = useState(false)
  const cell = useMyCell(at.place).data?.cell.code
  useEffect(() => { if (status === 'in') setDoor(false) }, [status])

  const place = (spot: Spot, move?: boolean) => {
    go({ place: spot, ticket: undefined, ...(at.tab === 'nearby' || at.tab === 'mine' ? { tab: 'worker' } : {}) })
    if (move) setLook({ at: spot, zoom: 16 })
  }
  const ticket = (id: string, spot?: Spot) => {
    go({ ticket: id, tab: 'nearby' })
    if (spot) setLook({ at: spot, zoom: Math.max(view?.zoom ?? 16, 16) })
  }
  const speak = () => {
    setLang(lang === 'en' ? 'zh-CN' : 'en')
    void queries.invalidateQueries()
  }
  const centre = start.data?.center
  // One object until it is another place: each new one moves the map, which tells its view, which draws the page again.
  const from = useMemo(() => look ?? (centre && { at: { lon: centre[0], lat: centre[1] }, zoom: Math.max(centre[2], 11) }), [look, centre])
  const signIn = () => setDoor(true)
  const bodies: Record<TabId, () => ReactNode> = {
    worker: () => <WorkerPanel place={at.place} onPlace={(p) => place(p, true)} onReport={() => go({ tab: 'report' })} />,
    nearby: () => <NearbyPanel view={view} chosen={at.ticket} onChoose={ticket} onSignIn={signIn} />,
    report: () => <ReportPanel place={at.place} report={report} onChange={setReport} onPlace={(p) => place(p, true)} onMine={() => go({ tab: 'mine' })} />,
    mine: () => <MinePanel onReport={() => go({ tab: 'report' })} />,
  }
  const names: Record<TabId, string> = { worker: t('我的网格员', 'My grid worker'), nearby: t('身边诉求', 'Nearby'), report: t('上报', 'Report'), mine: t('我的', 'Mine') }
  return (
    <div className={css.page}>
      <title>{t('身边的网格', 'The grid around you')}</title>
      <header className={css.bar}>
        <img src="/console/icon.svg" width={26} height={26} alt="" />
        <h1>{t('身边的网格', 'The grid around you')}</h1>
        <Button variant="quiet" icon aria-label={shade === 'dark' ? t('浅色', 'Light') : t('深色', 'Dark')} onPress={() => setTheme(shade === 'dark' ? 'light' : 'dark')}>{shade === 'dark' ? <Sun size={18} /> : <Moon size={18} />}</Button>
        <Button variant="quiet" size="small" onPress={speak}><Languages size={16} aria-hidden />{t('English', '中文')}</Button>
      </header>
      <section className={css.ground} aria-label={t('地图', 'Map')}>
        {from && <Suspense fallback={<div className={css.map}><Skeleton lines={3} /></div>}><PublicMap cell={cell} place={at.place} ticket={at.ticket} look={from} onPlace={(p) => place(p)} onTicket={(id) => ticket(id)} onView={setView} /></Suspense>}
        <ul className={css.legend} aria-label={t('图例', 'Legend')}>
          <li><i className={css.dot} data-stage="waiting" aria-hidden />{t('待受理', 'waiting')}</li>
          <li><i className={css.dot} data-stage="working" aria-hidden />{t('办理中', 'in hand')}</li>
          <li><i className={css.dot} data-stage="done" aria-hidden />{t('已办结', 'done')}</li>
        </ul>
      </section>
      <main className={css.panel}>
        <Tabs label={t('您要做什么', 'What to do')} selected={at.tab} onSelect={(id) => go({ tab: id as TabId })} tabs={tabs.map((id) => ({ id, text: names[id], body: bodies[id] }))} />
      </main>
      {(door || status === 'ended') && <Dialog title={t('登录', 'Sign in')} onClose={status === 'ended' ? undefined : () => setDoor(false)}><PhoneSignIn why={status === 'ended' ? t('登录已过期，请重新登录；填写的内容都还在。', 'Your session has ended: sign in again. What you have written is kept.') : t('登录后可关注诉求，有进展会告知您。', 'Sign in to follow it and be told how it goes.')} /></Dialog>}
    </div>
  )
}
