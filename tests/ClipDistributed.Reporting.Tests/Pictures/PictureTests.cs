using ClipDistributed.Contracts.Errors;
using ClipDistributed.Reporting.Pictures;
using ClipDistributed.Reporting.Runs;
using SkiaSharp;

namespace ClipDistributed.Reporting.Tests.Pictures;

public sealed class PictureTests
{
    public static TheoryData<string> Themes => ["light", "dark"];

    [Theory]
    [MemberData(nameof(Themes))]
    public void Panels_CompleteRun_AreFourPicturesWithCurvesAndLetters(string name)
    {
        using var run = RunDirectory.Complete();
        var theme = Theme(name);
        var panels = TrainingCurves.Panels(RunFiles.Read(run.Path), theme);
        Assert.Equal(["Loss", "Zero-shot accuracy", "Logit scale", "Learning rate"], panels.Select(panel => panel.Title));
        foreach (var panel in panels)
        {
            using var bitmap = Decode(panel);
            Assert.True(Distinct(bitmap) > 100, $"{panel.Title} has {Distinct(bitmap)} colours");
            Assert.Equal(theme.Ground, bitmap.GetPixel(0, 0));
            // The title is lettered in ink in the top 60 rows; without a font this strip is empty.
            Assert.InRange(CountNear(bitmap, theme.Ink, new SKRectI(0, 0, bitmap.Width, 60)), 100, 10_000);
        }
        using var accuracy = Decode(panels[1]);
        Assert.All(theme.Series.Take(2), colour => Assert.True(CountNear(accuracy, colour, accuracy.Info.Rect) > 300));
    }

    [Fact]
    public void Panels_NoEvaluations_LeaveAccuracyOut()
    {
        using var run = new RunDirectory().AddStep(1, 6).AddStep(2, 5).SaveMetrics();
        Assert.Equal(
            ["Loss", "Logit scale", "Learning rate"],
            TrainingCurves.Panels(RunFiles.Read(run.Path), ReportTheme.Light).Select(panel => panel.Title)
        );
    }

    [Fact]
    public void Panels_LossNotFinite_IsMarked()
    {
        using var good = new RunDirectory().AddStep(1, 6).AddStep(2, 5).AddStep(3, 4).SaveMetrics();
        using var bad = new RunDirectory().AddStep(1, 6).AddStep(2, double.NaN).AddStep(3, 4).SaveMetrics();
        Assert.Equal(0, Alarms(good));
        Assert.True(Alarms(bad) > 50);

        static int Alarms(RunDirectory run)
        {
            using var bitmap = Decode(TrainingCurves.Panels(RunFiles.Read(run.Path), ReportTheme.Light)[0]);
            return CountNear(bitmap, ReportTheme.Light.Alarm, bitmap.Info.Rect);
        }
    }

    [Fact]
    public void Panels_EveryLossNotFinite_StillDraw()
    {
        using var run = new RunDirectory().AddStep(1, double.NaN).AddStep(2, double.NaN).SaveMetrics();
        Assert.Equal(3, TrainingCurves.Panels(RunFiles.Read(run.Path), ReportTheme.Light).Count);
    }

    [Fact]
    public void Sheet_FourPanels_IsTwoByTwo()
    {
        using var run = RunDirectory.Complete();
        var panels = TrainingCurves.Panels(RunFiles.Read(run.Path), ReportTheme.Light);
        var sheet = TrainingCurves.Sheet(panels, ReportTheme.Light)!;
        Assert.InRange(sheet.Width, 2 * panels[0].Width, 2 * panels[0].Width + 60);
        Assert.InRange(sheet.Height, 2 * panels[0].Height, 2 * panels[0].Height + 60);
        using var bitmap = Decode(sheet);
        Assert.True(Distinct(bitmap) > 300);
        Assert.Null(TrainingCurves.Sheet([], ReportTheme.Light));
    }

    [Theory]
    [MemberData(nameof(Themes))]
    public void Render_Similarity_ColoursCellsByValue(string name)
    {
        using var run = RunDirectory.Complete();
        var probe = RunFiles.Read(run.Path).Probe!;
        var picture = SimilarityMatrix.Render(probe, Theme(name));
        using var bitmap = Decode(picture);
        Assert.InRange(picture.Width, 400, 700);
        Assert.True(Distinct(bitmap) > 300);
        // Four cells hold the highest value, the end of the colour map; a cell has 120 x 120 pixels.
        Assert.InRange(CountNear(bitmap, new SKColor(253, 231, 37), bitmap.Info.Rect), 4 * 9_000, 4 * 16_000);
    }

    [Fact]
    public void Render_SimilarityWithNaN_DrawsTheRest()
    {
        using var run = RunDirectory.Complete();
        var probe = RunFiles.Read(run.Path).Probe!;
        var broken = probe with
        {
            Similarity =
            [
                [double.NaN, 0.2, 0.3, 0.4],
                .. probe.Similarity.Skip(1),
            ],
            ImagesPng =
            [
                [1, 2, 3],
                .. probe.ImagesPng.Skip(1),
            ],
        };
        using var bitmap = Decode(SimilarityMatrix.Render(broken, ReportTheme.Light));
        Assert.InRange(CountNear(bitmap, new SKColor(253, 231, 37), bitmap.Info.Rect), 3 * 9_000, 3 * 16_000);
    }

    [Fact]
    public void Render_ContactSheet_ShowsImagesCaptionsAndDamage()
    {
        using var red = new SKBitmap(8, 8);
        red.Erase(SKColors.Red);
        byte[] png = red.Encode(SKEncodedImageFormat.Png, 100).ToArray();
        var sheet = ContactSheet.Render(
            "three rows",
            [(png, "a red square"), (png, "a very long caption that needs several lines and does not fit into them at all"), ([1], null)],
            2,
            ReportTheme.Light
        );
        using var bitmap = Decode(sheet);
        Assert.InRange(CountNear(bitmap, SKColors.Red, bitmap.Info.Rect), 2 * 265 * 265, 2 * 273 * 273);
        Assert.True(CountNear(bitmap, ReportTheme.Light.Alarm, bitmap.Info.Rect) > 400);
        Assert.True(CountNear(bitmap, ReportTheme.Light.Ink, bitmap.Info.Rect) > 600);
    }

    [Theory]
    [InlineData("a.png", SKEncodedImageFormat.Png)]
    [InlineData("a.jpg", SKEncodedImageFormat.Jpeg)]
    [InlineData("a.jpeg", SKEncodedImageFormat.Jpeg)]
    [InlineData("a.webp", SKEncodedImageFormat.Webp)]
    public void Encode_EndingOfAName_ChoosesTheFormat(string file, SKEncodedImageFormat format)
    {
        var picture = Picture.Draw("red", 20, 10, SKColors.Red, _ => { });
        using var codec = SKCodec.Create(new MemoryStream(picture.Encode(file)));
        Assert.Equal((format, 40, 20), (codec.EncodedFormat, codec.Info.Width, codec.Info.Height));
        Assert.Contains(Path.GetExtension(file), Picture.Endings);
    }

    [Fact]
    public void Encode_PictureThatTheFormatCannotHold_IsRefused()
    {
        var tall = Picture.Draw("tall", 1, 9_000, SKColors.Red, _ => { });
        Assert.Contains(
            "end it with .png",
            Assert.Throws<BadInputException>(() => tall.Encode("a.webp")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Render_ContactSheetOfTransparentImages_ShowsTheColoursThatTheModelSees()
    {
        byte[] red = [.. Enumerable.Repeat(new byte[] { 255, 0, 0, 0 }, 64).SelectMany(pixel => pixel)];
        using var hidden = SKImage.FromPixelCopy(new SKImageInfo(8, 8, SKColorType.Rgba8888, SKAlphaType.Unpremul), red);
        byte[] png = hidden.Encode(SKEncodedImageFormat.Png, 100).ToArray();
        using var bitmap = Decode(ContactSheet.Render("a row", [(png, "red below its alpha")], 1, ReportTheme.Light));
        Assert.InRange(CountNear(bitmap, SKColors.Red, bitmap.Info.Rect), 265 * 265, 273 * 273);
    }

    [Fact]
    public void Find_FontMissing_SaysWhatToInstall()
    {
        var bad = Assert.Throws<BadInputException>(() => ReportFont.Find(["/nowhere/fonts"]));
        Assert.Contains("/nowhere/fonts", bad.Message);
        Assert.Contains("fonts-dejavu-core", bad.Message);
    }

    [Fact]
    public void Wrap_LongText_FitsTheWidthAndEndsWithAnEllipsis()
    {
        using var font = ReportFont.Load().Sized(12);
        var lines = Lettering.Wrap(font, "a photo of two small red circles on a white background", 100, 2);
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.True(font.MeasureText(line) <= 100, line));
        Assert.EndsWith("…", lines[1]);
        Assert.Equal(["short"], Lettering.Wrap(font, " short ", 100, 2));
        Assert.EndsWith("…", Assert.Single(Lettering.Wrap(font, new string('w', 80), 100, 2)));
        Assert.Empty(Lettering.Wrap(font, "", 100, 2));
    }

    private static ReportTheme Theme(string name) => name == "dark" ? ReportTheme.Dark : ReportTheme.Light;

    private static SKBitmap Decode(Picture picture)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture.Png.Take(4));
        var bitmap = SKBitmap.Decode(picture.Png);
        Assert.Equal((2 * picture.Width, 2 * picture.Height), (bitmap.Width, bitmap.Height));
        return bitmap;
    }

    private static int Distinct(SKBitmap bitmap) => bitmap.Pixels.Distinct().Count();

    private static int CountNear(SKBitmap bitmap, SKColor colour, SKRectI area)
    {
        int count = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        for (int x = area.Left; x < area.Right; x++)
        {
            var pixel = bitmap.GetPixel(x, y);
            if (
                Math.Abs(pixel.Red - colour.Red) < 10
                && Math.Abs(pixel.Green - colour.Green) < 10
                && Math.Abs(pixel.Blue - colour.Blue) < 10
            )
                count++;
        }
        return count;
    }
}
