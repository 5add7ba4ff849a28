import { useT } from '../i18n'
import { useFormats } from '../i18n/format'
import css from './sketch.module.css'

type Point = { lon: number; lat: number }

const half = 150 // the sketch is 300 by 220, the household in its middle
const high = 110
const round = [1, 2, 5]

/** metres are how far a point lies east and north of another; at the scale of a city the earth is flat. */
function metres(from: Point, to: Point) {
  return { east: (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180) * 111_320, north: (to.lat - from.lat) * 110_574 }
}

/** useDistance says a distance in metres, or kilometres from one on. */
export function useDistance() {
  const t = useT()
  const f = useFormats()
  return (m: number) => (m >= 1000 ? t(`${f.number(Math.round(m / 100) / 10)} 公里`, `${f.number(Math.round(m / 100) / 10)} km`) : t(`${Math.round(m)} 米`, `${Math.round(m)} m`))
}

/**
 * Sketch draws to scale where somebody checked in: the household in the middle, the circle that is allowed around it, and the check-in
 * with the circle that its accuracy leaves.
 */
export function Sketch({ household, at, accuracy, limit, distance }: { household: Point; at: Point; accuracy: number | null; limit: number | null; distance: number | null }) {
  const t = useT()
  const say = useDistance()
  const { east, north } = metres(household, at)
  const reach = Math.max(Math.hypot(east, north) + (accuracy ?? 0), limit ?? 0, 30) * 1.15
  const scale = high / reach
  const x = half + east * scale
  const y = high - north * scale
  const pow = 10 ** Math.floor(Math.log10(reach / 2))
  const bar = [...round].reverse().map((n) => n * pow).find((n) => n <= reach / 2) ?? pow
  const far = limit !== null && distance !== null && distance > limit
  const label = distance === null ? '' : say(distance)
  return (
    <figure className={css.sketch}>
      <svg viewBox={`0 0 ${half * 2} ${high * 2}`} role="img" aria-label={t(`签到处距住户 ${label}`, `Checked in ${label} from the household`)}>
        {limit !== null && <circle className={css.limit} cx={half} cy={high} r={limit * scale} />}
        {accuracy !== null && <circle className={css.accuracy} cx={x} cy={y} r={accuracy * scale} />}
        <line className={far ? css.lineFar : css.line} x1={half} y1={high} x2={x} y2={y} />
        {Math.hypot(x - half, y - high) > 60 && <text className={far ? css.textFar : css.text} x={(half + x) / 2} y={(high + y) / 2 - 7} textAnchor="middle">{label}</text>}
        <path className={css.home} d={`M${half - 8} ${high + 1} L${half} ${high - 7} L${half + 8} ${high + 1} M${half - 6} ${high - 1} V${high + 7} H${half + 6} V${high - 1}`} />
        <circle className={far ? css.atFar : css.at} cx={x} cy={y} r="5.5" />
        <g className={css.scale}>
          <path d={`M12 ${high * 2 - 16} v5 h${bar * scale} v-5`} />
          <text x="12" y={high * 2 - 22}>{say(bar)}</text>
          <text x={half * 2 - 16} y="24" textAnchor="middle">{t('北', 'N')}</text>
          <path d={`M${half * 2 - 16} 44 V30 m-4 5 l4 -5 l4 5`} />
        </g>
      </svg>
      <figcaption>
        <span><i className={css.keyHome} aria-hidden />{t('住户', 'Household')}</span>
        <span><i className={far ? css.keyFar : css.keyAt} aria-hidden />{t('签到', 'Check-in')}</span>
        {limit !== null && <span><i className={css.keyLimit} aria-hidden />{t(`允许 ${say(limit)}`, `${say(limit)} allowed`)}</span>}
        {accuracy !== null && <span><i className={css.keyAccuracy} aria-hidden />{t(`精度 ±${say(accuracy)}`, `± ${say(accuracy)}`)}</span>}
      </figcaption>
    </figure>
  )
}
