import { ChevronLeft, ChevronRight, ImagePlus } from 'lucide-react'
import { useState } from 'react'
import { api, isProblem, session, type Problem } from '../api'
import { useWordList, useWords } from '../api/words'
import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import { Button, Dialog, Notice, Select } from '../ui'
import { PhotosField } from './actions/photos'
import { useAfresh, useDeed, useTicketSeen, wrongsOf } from './deed'
import { isOpen, type Ticket } from './ticket'
import css from './work.module.css'

/** Photos of a ticket, before and after; one is enlarged over the page. */
export function Photos({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const word = useWords()
  const f = useFormats()
  const [at, setAt] = useState<number>()
  const [adding, setAdding] = useState(false)
  const photos = ticket.photos
  const name = (i: number) => `${word('PhotoTime', photos[i]!.when)} · ${f.time(photos[i]!.at)}`
  const shown = at !== undefined ? photos[at] : undefined
  return (
    <>
      {(photos.length > 0 || isOpen(ticket)) && (
        <div className={css.thumbs}>
          {photos.map((p, i) => (
            <button key={p.id} type="button" className={css.thumbButton} onClick={() => setAt(i)} aria-label={t(`放大照片：${name(i)}`, `Enlarge the photo: ${name(i)}`)}>
              <img src={session.photo(p.id)} alt="" loading="lazy" />
              <small>{word('PhotoTime', p.when)}</small>
            </button>
          ))}
          {isOpen(ticket) && <Button className={`${css.addPhoto} noprint`} onPress={() => setAdding(true)}><ImagePlus size={18} aria-hidden /><span>{t('添加照片', 'Add photos')}</span></Button>}
        </div>
      )}
      {shown && at !== undefined && (
        <Dialog wide title={name(at)} onClose={() => setAt(undefined)} foot={photos.length > 1 && <>
          <Button onPress={() => setAt((at + photos.length - 1) % photos.length)}><ChevronLeft size={16} aria-hidden />{t('上一张', 'Previous')}</Button>
          <Button onPress={() => setAt((at + 1) % photos.length)}>{t('下一张', 'Next')}<ChevronRight size={16} aria-hidden /></Button>
        </>}>
          <img className={css.large} src={session.photo(shown.id, 'full')} alt={name(at)} />
        </Dialog>
      )}
      {adding && <AddPhotos ticket={ticket} onClose={() => setAdding(false)} />}
    </>
  )
}

function AddPhotos({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const t = useT()
  const afresh = useAfresh()
  const deed = useDeed()
  const seen = useTicketSeen()
  const times = useWordList('PhotoTime')
  const [when, setWhen] = useState<'before' | 'after'>(ticket.state === 'in_progress' || ticket.state === 'resolved' ? 'after' : 'before')
  const [photos, setPhotos] = useState<string[]>([])
  const [problem, setProblem] = useState<Problem>()
  const [lost, setLost] = useState(false)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setBusy(true)
    setProblem(undefined)
    setLost(false)
    try {
      const body = { when, photos }
      const { data, error } = await api.POST('/v1/tickets/{id}/photos', { params: { path: { id: ticket.id }, header: deed(body) }, body })
      if (data) {
        seen(data)
        afresh('/v1/tickets')
        return onClose()
      }
      if (isProblem(error)) setProblem(error)
      else setLost(true)
    } catch {
      setLost(true)
    }
    setBusy(false)
  }
  return (
    <Dialog title={t('添加照片', 'Add photos')} onClose={onClose} foot={<><Button onPress={onClose}>{t('取消', 'Cancel')}</Button><Button variant="primary" isPending={busy} isDisabled={photos.length === 0} onPress={() => void send()}>{t('添加', 'Add')}</Button></>}>
      {problem && <Notice tone="danger">{problem.detail}</Notice>}
      {lost && <Notice tone="danger">{t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later')}</Notice>}
      <Select label={t('何时拍摄', 'When')} options={times} value={when} onChange={(v) => setWhen(v as 'before' | 'after')} />
      <PhotosField draft={{ photos }} set={(c) => setPhotos(c.photos ?? [])} wrongs={wrongsOf(problem)} required />
    </Dialog>
  )
}
