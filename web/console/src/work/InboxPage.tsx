import { BellRing, CheckCheck } from 'lucide-react'
import { useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { $api, api, isProblem, type Schemas } from '../api'
import { usePages } from '../api/pages'
import { useWordList, useWords } from '../api/words'
import { useT } from '../i18n'
import { Badge, Blank, Button, Card, Checkbox, Loaded, Page, said, Select, Time } from '../ui'
import { useAfresh, useDeed } from './deed'
import { placeOf, placeOfPath } from './paths'
import css from './work.module.css'

type Notice = Schemas['Notice']
type Read = Schemas['InboxRead']

/** InboxPage is what the reader was told: the latest first, of one kind or importance, unread or all. */
export default function InboxPage() {
  const t = useT()
  const word = useWords()
  const [params, setParams] = useSearchParams()
  const importance = params.get('importance') ?? ''
  const kind = params.get('kind') ?? ''
  const unread = params.get('unread') === 'true'
  const counts = $api.useQuery('get', '/v1/me/inbox/counts', {})
  const importances = useWordList('NoticeImportance')
  const list = usePages<Notice>('/v1/me/inbox', {}, { importance: importance || undefined, kind: kind || undefined, unread: unread || undefined, limit: 50 })
  const asOf = (list.data?.pages[0] as Schemas['NoticeList'] | undefined)?.asOf
  const [act, busy] = useRead()
  const set = (name: string, value: string) => setParams((p) => { const next = new URLSearchParams(p); if (value) next.set(name, value); else next.delete(name); return next })
  const by = (of: Record<string, number> | undefined, id: string) => (of?.[id] ? ` (${of[id]})` : '')
  const kinds = [...new Set([...Object.keys(counts.data?.byKind ?? {}), ...list.rows.map((n) => n.kind), ...(kind ? [kind] : [])])]
  return (
    <Page title={t('消息', 'Inbox')} about={counts.data && (counts.data.unread ? t(`${counts.data.unread}${counts.data.more ? '+' : ''} 条未读`, `${counts.data.unread}${counts.data.more ? '+' : ''} unread`) : t('没有未读', 'Nothing unread'))}
      actions={<Button isDisabled={!asOf || !counts.data?.unread} isPending={busy} onPress={() => void act({ all: true, until: asOf, ...(kind && { kind: kind as Read['kind'] }) })}><CheckCheck size={16} aria-hidden />{kind ? t('此类全部标为已读', 'Mark all of this kind read') : t('全部标为已读', 'Mark all read')}</Button>}>
      <div className={css.inboxBar}>
        <Select label={t('重要程度', 'Importance')} options={[{ id: '', text: t('全部', 'All') }, ...importances.map((o) => ({ ...o, text: o.text + by(counts.data?.byImportance, o.id) }))]} value={importance} onChange={(v) => set('importance', v)} />
        <Select label={t('种类', 'Kind')} options={[{ id: '', text: t('全部', 'All') }, ...kinds.map((k) => ({ id: k, text: word('NoticeKind', k) + by(counts.data?.byKind, k) }))]} value={kind} onChange={(v) => set('kind', v)} />
        <Checkbox isSelected={unread} onChange={(on) => set('unread', on ? 'true' : '')}>{t('只看未读', 'Unread only')}</Checkbox>
      </div>
      <Loaded of={list}>
        {() => list.rows.length === 0 ? <Blank title={t('没有消息', 'Nothing here')}>{t('分派、进展与提醒会出现在这里', 'What is assigned to you, moves on or falls due appears here')}</Blank> : (
          <Card className={css.flush}>
            <ul className={css.notices}>{list.rows.map((n) => <Row key={n.id} notice={n} read={(ids) => void act({ ids })} />)}</ul>
            {list.hasNextPage && <div className={css.moreRow}><Button size="small" isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>{t('加载更多', 'Load more')}</Button></div>}
          </Card>
        )}
      </Loaded>
    </Page>
  )
}

/** useRead marks notices as read. */
function useRead() {
  const t = useT()
  const afresh = useAfresh()
  const deed = useDeed()
  const [busy, setBusy] = useState(false)
  const read = async (body: Read) => {
    setBusy(true)
    try {
      const { error } = await api.POST('/v1/me/inbox/read', { params: { header: deed(body) }, body })
      if (isProblem(error)) said(error.detail)
      afresh('/v1/me/inbox')
    } catch {
      said(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
  }
  return [read, busy] as const
}

function Row({ notice: n, read }: { notice: Notice; read: (ids: string[]) => void }) {
  const t = useT()
  const word = useWords()
  const to = placeOfPath(n.path) ?? placeOf(n.about)
  const open = () => n.unread && read([n.id])
  return (
    <li className={n.unread ? css.unread : undefined}>
      <span className={css.dot} aria-hidden />
      <div className={css.noticeText}>
        <p>{n.unread && <span className="sr">{t('未读：', 'Unread: ')}</span>}{to ? <Link to={to} onClick={open}>{n.text}</Link> : n.text}</p>
        <p className={css.noticeAbout}>
          {n.importance === 'urgent' && <Badge tone="danger">{word('NoticeImportance', n.importance)}</Badge>}
          {n.importance === 'task' && <Badge tone="warn">{word('NoticeImportance', n.importance)}</Badge>}
          <span>{word('NoticeKind', n.kind)}</span>
          {n.for && <span>{t(`顶岗：代 ${n.for}`, `Standing in for ${n.for}`)}</span>}
          <Time at={n.at} />
          {n.acknowledgedAt && <span>{t('已确认 ', 'Acknowledged ')}<Time at={n.acknowledgedAt} /></span>}
        </p>
      </div>
      {n.importance === 'urgent' && !n.acknowledgedAt ? <Acknowledge notice={n} />
        : n.unread ? <Button variant="quiet" size="small" onPress={() => read([n.id])}>{t('标为已读', 'Mark read')}</Button> : null}
    </li>
  )
}

/** Acknowledge says that an urgent notice was heard: nobody else is told then. */
function Acknowledge({ notice }: { notice: Notice }) {
  const t = useT()
  const afresh = useAfresh()
  const deed = useDeed()
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setBusy(true)
    try {
      const { error } = await api.POST('/v1/me/inbox/{id}/acknowledge', { params: { path: { id: notice.id }, header: deed(notice.id) } })
      if (isProblem(error)) said(error.detail)
      afresh('/v1/me/inbox')
    } catch {
      said(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
  }
  return <Button variant="primary" size="small" isPending={busy} onPress={() => void send()}><BellRing size={14} aria-hidden />{t('确认收到', 'Acknowledge')}</Button>
}
