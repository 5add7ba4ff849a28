import { Bell, CalendarCheck, ClipboardList, FileText, History, Languages, LogOut, Map, Menu as MenuIcon, Moon, Store, Sun, SunMoon, Ticket, Users, type LucideIcon } from 'lucide-react'
import { type ReactNode } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components'
import { Link, useLocation } from 'wouter'
import { $api, session, useAccount } from '../api'
import { useLiveState } from '../api/live'
import { useWords } from '../api/words'
import { useLanguage, useT, type T } from '../i18n'
import { Button } from '../ui'
import ui from '../ui/ui.module.css'
import css from './app.module.css'
import { setTheme, useTheme } from './theme'

type Place = { to: string; icon: LucideIcon; name: string; roles?: string[] }

const managers = ['community_manager', 'street_manager', 'admin']

// The places of the console, as far as the reader's roles have a part in them. The first four are at a phone's thumb.
function places(t: T, roles: string[]): Place[] {
  const all: Place[] = [
    { to: '/map', icon: Map, name: t('地图', 'Map') },
    { to: '/todo', icon: ClipboardList, name: t('待办', 'To do') },
    { to: '/tickets', icon: Ticket, name: t('工单', 'Tickets') },
    { to: '/visits', icon: CalendarCheck, name: t('走访', 'Visits') },
    { to: '/cases', icon: FileText, name: t('受理件', 'Cases') },
    { to: '/stations', icon: Store, name: t('服务站', 'Stations') },
    { to: '/deployment', icon: Users, name: t('下沉力量', 'Deployment'), roles: [...managers, 'dispatcher'] },
    { to: '/journal', icon: History, name: t('流水', 'Journal'), roles: managers },
  ]
  return all.filter((p) => !p.roles || p.roles.some((r) => roles.includes(r)))
}

/** Shell is what stands around every page: where to go, who is signed in, and whether the server is heard. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useT()
  const account = useAccount()
  const [at] = useLocation()
  const all = places(t, account.roles)
  const here = (p: Place) => at === p.to || at.startsWith(p.to + '/')
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">{t('跳到内容', 'Skip to the content')}</a>
      <nav className={`${css.rail} noprint`} aria-label={t('主导航', 'Main')}>
        <Link className={css.brand} to="/map"><img src="/console/icon.svg" width={26} height={26} alt="" />{t('网格管理', 'Wangge')}</Link>
        <ul>
          {all.map((p) => (
            <li key={p.to}><Link to={p.to} className={css.place} aria-current={here(p) ? 'page' : undefined}><p.icon size={18} aria-hidden /><span>{p.name}</span></Link></li>
          ))}
        </ul>
        <div className={css.railFoot}><Bells /><Me /></div>
      </nav>
      <main id="main" className={css.main} tabIndex={-1}><Connection />{children}</main>
      <nav className={`${css.thumb} noprint`} aria-label={t('底部导航', 'Bottom')}>
        {all.slice(0, 4).map((p) => (
          <Link key={p.to} to={p.to} className={css.thumbPlace} aria-current={here(p) ? 'page' : undefined}><p.icon size={20} aria-hidden /><span>{p.name}</span></Link>
        ))}
        <MenuTrigger>
          <Button variant="quiet" className={css.thumbPlace}><MenuIcon size={20} aria-hidden /><span>{t('更多', 'More')}</span></Button>
          <Popover className={ui.popover}><MyMenu more={all.slice(4)} /></Popover>
        </MenuTrigger>
      </nav>
    </div>
  )
}

function Bells() {
  const t = useT()
  const counts = $api.useQuery('get', '/v1/me/inbox/counts', {})
  const n = counts.data?.unread ?? 0
  return (
    <Link className={css.place} to="/inbox"><Bell size={18} aria-hidden /><span>{t('消息', 'Inbox')}</span>{n > 0 && <b className={css.count}>{n > 99 ? '99+' : n}</b>}</Link>
  )
}

function Me() {
  const account = useAccount()
  const word = useWords()
  return (
    <MenuTrigger>
      <Button variant="quiet" className={css.me}>
        <span className={css.face} aria-hidden>{[...(account.name ?? '')].at(0)}</span>
        <span className={css.meText}><b>{account.name}</b><small>{account.grants[0]?.area?.name} {account.roles.map((r) => word('Role', r)).join('、')}</small></span>
      </Button>
      <Popover className={ui.popover} placement="top start"><MyMenu /></Popover>
    </MenuTrigger>
  )
}

function MyMenu({ more = [] }: { more?: Place[] }) {
  const { lang, setLang, t } = useLanguage()
  const theme = useTheme()
  const next = { auto: 'light', light: 'dark', dark: 'auto' } as const
  const Icon = { auto: SunMoon, light: Sun, dark: Moon }[theme]
  const named = { auto: t('外观：跟随系统', 'Appearance: as the system'), light: t('外观：浅色', 'Appearance: light'), dark: t('外观：深色', 'Appearance: dark') }[theme]
  return (
    <Menu aria-label={t('更多', 'More')}>
      {more.map((p) => <MenuItem key={p.to} href={p.to} className={ui.option}><p.icon size={16} />{p.name}</MenuItem>)}
      {more.length > 0 && <MenuItem href="/inbox" className={ui.option}><Bell size={16} />{t('消息', 'Inbox')}</MenuItem>}
      {more.length > 0 && <Separator className={css.rule} />}
      <MenuItem className={ui.option} onAction={() => setLang(lang === 'en' ? 'zh-CN' : 'en')}><Languages size={16} />{t('English', '中文')}</MenuItem>
      <MenuItem className={ui.option} onAction={() => setTheme(next[theme])}><Icon size={16} />{named}</MenuItem>
      <MenuItem className={ui.option} onAction={() => void session.signOut()}><LogOut size={16} />{t('退出登录', 'Sign out')}</MenuItem>
    </Menu>
  )
}

/** Connection says that what is shown may be of a while ago. */
function Connection() {
  const t = useT()
  const live = useLiveState()
  if (live !== 'late') return null
  return <div className={`${css.late} noprint`} role="status">{t('与服务器的连接中断，正在重连；显示的可能不是最新情况', 'The connection is lost and being made again: what you see may be of a while ago')}</div>
}
