import { type ReactNode } from 'react'
import { Button as Base, Link as BaseLink, type ButtonProps, type LinkProps } from 'react-aria-components'
import { useT } from '../i18n'
import css from './ui.module.css'

type Look = { variant?: 'plain' | 'primary' | 'danger' | 'quiet'; size?: 'small' | 'normal'; icon?: boolean; className?: string }

export const look = ({ variant = 'plain', size, icon, className }: Look) =>
  [css.button, variant !== 'plain' && css[variant], size === 'small' && css.small, icon && css.icon, className].filter(Boolean).join(' ')

/** Button does something; with `icon` it shows an icon only and needs an aria-label. */
export function Button({ variant, size, icon, className, children, isPending, onPress, type, ...props }: Omit<ButtonProps, 'className' | 'children'> & Look & { children?: ReactNode }) {
  const t = useT()
  // What is pending keeps the focus and does nothing. (react-aria's own way leaves an announcement without a name behind.)
  return (
    <Base {...props} type={isPending ? 'button' : type} onPress={isPending ? undefined : onPress} data-pending={isPending || undefined} className={look({ variant, size, icon, className })}>
      {isPending && <span role="status" className={css.spinner}><span className="sr">{t('正在办理', 'Working')}</span></span>}
      {children}
    </Base>
  )
}

/** ButtonLink looks like a button and leads somewhere. */
export function ButtonLink({ variant, size, icon, className, ...props }: Omit<LinkProps, 'className'> & Look) {
  return <BaseLink {...props} className={look({ variant, size, icon, className })} />
}
