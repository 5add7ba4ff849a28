import { ImagePlus, X } from 'lucide-react'
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { api, isProblem, onceKey, session } from '../../api'
import { useT } from '../../i18n'
import { Button } from '../../ui'
import { wrongOf } from '../deed'
import css from '../work.module.css'
import { type FieldProps } from './fields'

/** PhotosField takes photos and sends each at once: the form is sent with their ids. */
export function PhotosField({ draft, set, wrongs, label, required }: Pick<FieldProps, 'set' | 'wrongs'> & { draft: { photos?: string[] }; label?: string; required?: boolean }) {
  const t = useT()
  const [busy, setBusy] = useState(0)
  const [failed, setFailed] = useState('')
  const photos = draft.photos ?? []
  const add = async (files: File[]) => {
    setFailed('')
    setBusy(files.length)
    const ids = [...photos]
    for (const file of files.slice(0, 20 - photos.length)) {
      try {
        const body = new FormData()
        body.append('file', file)
        const { data, error } = await api.POST('/v1/photos', { params: { header: { 'Idempotency-Key': onceKey() } }, body: { file: '' }, bodySerializer: () => body })
        if (data) ids.push(data.id)
        else setFailed(isProblem(error) ? error.detail : t('上传失败', 'It could not be sent'))
      } catch {
        setFailed(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
      }
      setBusy((n) => n - 1)
      set({ photos: [...ids] })
    }
    setBusy(0)
  }
  const wrong = wrongOf(wrongs, '/photos') ?? failed
  return (
    <div className={css.photosField} role="group" aria-label={label ?? t('照片', 'Photos')}>
      <span className={css.fieldName}>{label ?? t('照片', 'Photos')}{required && <span className={css.required} aria-hidden> *</span>}</span>
      <div className={css.thumbs}>
        {photos.map((id, i) => (
          <span key={id} className={css.thumb}>
            <img src={session.photo(id)} alt={t(`第 ${i + 1} 张`, `Photo ${i + 1}`)} />
            <Button icon size="small" aria-label={t(`移除第 ${i + 1} 张`, `Remove photo ${i + 1}`)} onPress={() => set({ photos: photos.filter((x) => x !== id) })}><X size={14} /></Button>
          </span>
        ))}
        {photos.length < 20 && (
          <FileTrigger acceptedFileTypes={['image/jpeg', 'image/png']} allowsMultiple onSelect={(list) => list && void add([...list])}>
            <Button isPending={busy > 0}><ImagePlus size={16} aria-hidden />{busy > 0 ? t(`正在上传，还有 ${busy} 张`, `Sending, ${busy} to go`) : t('选择照片', 'Choose photos')}</Button>
          </FileTrigger>
        )}
      </div>
      {wrong && <span className={css.wrong} role="alert">{wrong}</span>}
    </div>
  )
}
