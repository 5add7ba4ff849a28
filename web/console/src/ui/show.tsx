import { AlertCircle, Ban, CircleCheck, Inbox, SearchX, WifiOff } from 'lucide-react'
import { type ReactNode } from 'react'
import { isProblem } from '../api'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button } from './button'
import css from './ui.module.css'

export type Tone = 'plain' | 'accent' | 'danger' | 'warn' | 'good' | 'info'

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${css.badge} ${tone === 'plain' ? '' : css[tone]}`}>{children}</span>
}

export function Card({ title, actions, children, className }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`${css.card} ${className ?? ''}`}>
      {title && <div className={css.cardHead}><h2>{title}</h2>{actions}</div>}
      <div className={css.cardBody}>{children}</div>
    </section>
  )
}

/** Page is a page of the console with its title, which is the browser's too. */
export function Page({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const t = useT()
  return (
    <div className={css.page}>
      <title>{`${title} · ${t('网格管理', 'Wangge')}`}</title>
      <header className={css.pageHead}>
        <div><h1>{title}</h1>{about && <p>{about}</p>}</div>
        {actions && <div className={`${css.pageActions} noprint`}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** Facts is a list of names and values; one without a value is left out. */
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className={css.facts}>
      {items.filter(([, v]) => v !== null && v !== undefined && v !== false && v !== '').map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  )
}

/** Time shows when something was or is: exactly, or how long ago, and exactly on pointing at it. */
export function Time({ at, as = 'time' }: { at: string; as?: 'time' | 'date' | 'ago' | 'full' }) {
  const f = useFormats()
  return <time dateTime={at} title={f.full(at)}>{f[as](at)}</time>
}

export function Blank({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.blank}>
      {icon ?? <Inbox size={36} strokeWidth={1.4} aria-hidden />}
      <h2>{title}</h2>
      {children && <div>{children}</div>}
      {action}
    </div>
  )
}

export function Notice({ tone = 'info', children }: { tone?: 'info' | 'danger' | 'warn' | 'good'; children: ReactNode }) {
  return <div className={`${css.notice} ${tone === 'info' ? '' : css[tone]}`} role={tone === 'danger' ? 'alert' : 'status'}>{tone === 'good' ? <CircleCheck size={18} aria-hidden /> : <AlertCircle size={18} aria-hidden />}<div>{children}</div></div>
}

export function Skeleton({ lines = 5 }: { lines?: number }) {
  const t = useT()
  return <div className={css.skeleton} role="status" aria-label={t('正在加载', 'Loading')}>{Array.from({ length: lines }, (_, i) => <i key={i} />)}</div>
}

/** Failure is shown where something could not be had: nothing there, not allowed, no network, or an error with its number. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT()
  const again = retry && <Button onPress={retry}>{t('重试', 'Try again')}</Button>
  if (!isProblem(error))
    return <Blank icon={<WifiOff size={36} strokeWidth={1.4} />} title={t('连接不上服务器', 'The server cannot be reached')} action={again}>{t('网络恢复后会自动重试', 'It is tried again once the network is back')}</Blank>
  if (error.status === 404) return <Blank icon={<SearchX size={36} strokeWidth={1.4} />} title={t('没有找到', 'Not found')}>{t('可能已不存在，或不在您的管理范围内', 'It may be gone, or lies outside of what you manage')}</Blank>
  if (error.status === 403) return <Blank icon={<Ban size={36} strokeWidth={1.4} />} title={t('您没有这项权限', 'You may not see this')}>{error.detail}</Blank>
  return <Blank icon={<AlertCircle size={36} strokeWidth={1.4} />} title={error.detail || t('出错了', 'Something went wrong')} action={again}>{error.requestId && <span className="mono">{error.requestId}</span>}</Blank>
}

type Query<D> = { data: D | undefined; error: unknown; isPending: boolean; refetch: () => unknown }

/** Loaded shows what a query brought, or why it did not. */
export function Loaded<D>({ of, lines, children }: { of: Query<D>; lines?: number; children: (data: D) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>
  if (of.error) return <Failure error={of.error} retry={() => void of.refetch()} />
  return <Skeleton lines={lines} />
}
