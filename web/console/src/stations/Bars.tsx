import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import css from './deployment.module.css'

type Bar = { name: string; value: number }

/** Bars is a plot of some figures beside one another, with its figures as a table for who does not see it, unless there is one beside it. */
export function Bars({ label, unit, bars, share, hideTable }: { label: string; unit: string; bars: Bar[]; share?: boolean; hideTable?: boolean }) {
  const t = useT()
  const f = useFormats()
  const most = Math.max(...bars.map((b) => b.value), 0) || 1
  const high = 26
  const say = (n: number) => (share ? `${Math.round(n * 100)}%` : f.number(n))
  return (
    <figure className={css.bars}>
      <svg width="100%" height={bars.length * high} role="img" aria-label={`${label}：${t('见旁边的表格', 'see the table beside it')}`}>
        {bars.map((b, i) => (
          <g key={b.name}>
            <text x="0" y={i * high + high / 2} className={css.barName}>{b.name}</text>
            <rect x="38%" y={i * high + 5} width={`${(b.value / most) * 48}%`} height={high - 10} rx="3" className={css.bar} />
            <text x={`${38 + (b.value / most) * 48}%`} dx="6" y={i * high + high / 2} className={css.barValue}>{say(b.value)}</text>
          </g>
        ))}
      </svg>
      {!hideTable && (
        <table className="sr"><caption>{label}</caption><thead><tr><th scope="col">{t('名称', 'Name')}</th><th scope="col">{unit}</th></tr></thead><tbody>{bars.map((b) => <tr key={b.name}><th scope="row">{b.name}</th><td>{say(b.value)}</td></tr>)}</tbody></table>
      )}
    </figure>
  )
}
