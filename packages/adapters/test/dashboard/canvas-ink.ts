/** Whether the first picture has a colour in it: that of the suspect's line. */
export const hasInk = (colour: string): string => `${extentOf(colour)} !== null`

/** Where the first picture has a colour, as shares of its height from the top, without its axis; null: nowhere. */
export function extentOf(colour: string): string {
  return `(() => {
    const { width, height } = document.querySelector('#leaks canvas')
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    copy.drawImage(document.querySelector('#leaks canvas'), 0, 0)
    const { data } = copy.getImageData(0, 0, width, height)
    const rows = []
    for (let at = 0; at < data.length; at += 4) {
      const hex = ((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]).toString(16).padStart(6, '0')
      if (data[at + 3] === 255 && hex === '${colour}') rows.push(Math.floor(at / 4 / width))
    }
    const drawn = document.querySelector('#leaks .u-over').clientHeight * devicePixelRatio
    return rows.length === 0 ? null : { top: rows[0] / drawn, foot: rows.at(-1) / drawn }
  })()`
}

/** Charts that have ink at their right edge, below the picture, where times are. */
export const CUT_OFF: string = `[...document.querySelectorAll('.plot canvas')].filter((canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')
  copy.drawImage(canvas, 0, 0)
  const { data } = copy.getImageData(canvas.width - 1, canvas.height - 20, 1, 20)
  return data.some((value) => value !== 0)
}).map((canvas) => canvas.closest('figure').id)`
