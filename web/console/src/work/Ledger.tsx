import { useState } from 'react'
import { session, useAccount, type Problem } from '../api'
import { useWordList } from '../api/words'
import { useT } from '../i18n'
import { Button, Dialog, Notice, Select, TextField } from '../ui'

const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

/** Ledger has the day's ledger as a file: what was received, fell due or was overdue on a day. */
export function Ledger({ onClose }: { onClose: () => void }) {
  const t = useT()
  const account = useAccount()
  const areas = account.grants.flatMap((g) => (g.area ? [g.area] : []))
  const formats = useWordList('LedgerFormat')
  const [date, setDate] = useState(today())
  const [format, setFormat] = useState('xlsx')
  const [area, setArea] = useState('')
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const fetchIt = async () => {
    setBusy(true)
    setWrong('')
    try {
      const query = new URLSearchParams({ date, format, ...(area && { area }) })
      const answer = await session.fetch(new Request(`${location.origin}/v1/ledgers/tickets?${query}`))
      if (answer.ok) {
        save(await answer.blob(), fileName(answer.headers.get('Content-Disposition')) ?? `tickets-${date}.${format}`)
        return onClose()
      }
      setWrong(((await answer.json()) as Problem).detail)
    } catch {
      setWrong(t('连接不上服务器，请稍后再试', 'The server cannot be reached; try again later'))
    }
    setBusy(false)
  }
  return (
    <Dialog title={t('日台账', "The day's ledger")} onClose={onClose} foot={<><Button onPress={onClose}>{t('取消', 'Cancel')}</Button><Button variant="primary" isPending={busy} onPress={() => void fetchIt()}>{t('下载', 'Download')}</Button></>}>
      <p className="muted">{t('当日受理、到期与超期的工单，一件一行；姓名、电话脱敏。', 'What was received, fell due or was overdue on the day, a row each; names and phones are masked.')}</p>
      {wrong && <Notice tone="danger">{wrong}</Notice>}
      <TextField label={t('日期', 'Day')} type="date" isRequired value={date} onChange={setDate} />
      {areas.length > 1 && <Select label={t('范围', 'Area')} options={[{ id: '', text: t('全部', 'All') }, ...areas.map((a) => ({ id: a.code, text: a.name }))]} value={area} onChange={setArea} />}
      <Select label={t('格式', 'Format')} options={formats} value={format} onChange={setFormat} />
    </Dialog>
  )
}

const fileName = (disposition: string | null) => {
  const [, coded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '') ?? []
  const [, plain] = /filename="?([^";]+)"?/i.exec(disposition ?? '') ?? []
  return coded ? decodeURIComponent(coded) : plain
}

function save(blob: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
