import { Button as Base, Link as BaseLink, type ButtonProps, type LinkProps } from 'react-aria-components'
import css from './ui.module.css'

type Look = { variant?: 'plain' | 'primary' | 'danger' | 'quiet'; size?: 'small' | 'normal'; icon?: boolean; className?: string }

export const look = ({ variant = 'plain', size, icon, className }: Look) =>
  [css.button, variant !== 'plain' && css[variant], size === 'small' && css.small, icon && css.icon, className].filter(Boolean).join(' ')

/** Button does something; with `icon` it shows an icon only and needs an aria-label. */
export function Button({ variant, size, icon, className, ...props }: Omit<ButtonProps, 'className'> & Look) {
  return <Base {...props} className={look({ variant, size, icon, className })} />
}

/** ButtonLink looks like a button and leads somewhere. */
export function ButtonLink({ variant, size, icon, className, ...props }: Omit<LinkProps, 'className'> & Look) {
  return <BaseLink {...props} className={look({ variant, size, icon, className })} />
}
