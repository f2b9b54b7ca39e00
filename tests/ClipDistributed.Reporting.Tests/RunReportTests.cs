using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using SkiaSharp;
using ClipDistributed.TestKit.Records;

namespace ClipDistributed.Reporting.Tests;

public sealed partial class RunReportTests
{
    [Fact]
    public void Write_CompleteRun_HasEverySection()
    {
        using var run = RunDirectory.Complete();
        string path = RunReport.Write(run.Path);
        Assert.Equal(run.File("report.html"), path);
        string page = File.ReadAllText(path);
        Assert.Equal(["figures", "curves", "similarity", "evaluations", "spec", "digests"], Sections(page));
        Assert.Contains("<h1>demo</h1>", page);
        Assert.Contains("<strong>90.0 %</strong>", page); // top-1 of the last evaluation of "seen"
        Assert.Contains("<strong>70.0 %</strong>", page);
        Assert.Contains("<strong>2.833</strong>", page); // mean loss of the last 20 steps: 6.2 - 4·50.5/60
        Assert.Contains("<strong>3m 32s</strong>", page);
        Assert.Contains("<strong>712.3k</strong>", page);
        Assert.Contains("<strong>30.72k</strong>", page); // 60 steps of 512
        Assert.Contains("0000000000000000000000000000003c", page);
        Assert.Contains("name: demo\nseed: 1", page);
    }

    [Fact]
    public void Write_FullRun_ShowsTimePredictionsRetrievalDataAndAttempts()
    {
        using var run = RunDirectory.Full();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Equal(
            ["figures", "curves", "similarity", "predictions", "evaluations", "retrieval", "time", "data", "attempts", "spec", "digests"],
            Sections(page)
        );
        Assert.Contains("chance 1.0 %, 1,000 images", page, StringComparison.Ordinal); // beside the accuracy: one of 96 classes
        Assert.Contains("<strong>40.0 %</strong>", page); // retrieval, mean of 0.3 and 0.5
        Assert.Contains("backward</td><td>400</td><td>46.0 %</td>", page); // 0.4 of 0.87 s
        Assert.Contains("alt=\"An image of the class red circle\"", page);
        Assert.Contains("None among the first 200 images.", page);
        Assert.Contains("<td>30.0 %</td><td>50.0 %</td><td>70.0 %</td><td>50.0 %</td><td>80.0 %</td><td>90.0 %</td><td>4.250</td>", page);
        Assert.Contains("<dt>Damaged pairs replaced</dt><dd>2</dd>", page);
        Assert.Contains("<dt>Steps of an epoch</dt><dd>1</dd>", page); // 1000 rows, 512 each
        Assert.Contains("Row 3 of &lt;a&gt; is damaged.", page);
        Assert.Contains("<tr><td>2</td><td>20</td><td class=\"text\">the step before</td><td>1</td>", page);
    }

    // At the width of a phone a picture with a least width would be cut, as would a sentence in a cell that does not wrap.
    [Fact]
    public void Write_NarrowPage_CutsNothing()
    {
        using var run = RunDirectory.Full();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Contains("img { display: block; max-width: 100%; height: auto; }", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"img \{[^}]*min-width", page);
        Assert.Contains("#incidents td:nth-child(n + 5) { white-space: normal;", page, StringComparison.Ordinal);
        Assert.Contains(".figures:has(> :nth-child(9)) { grid-template-columns: repeat(5, 1fr); }", page, StringComparison.Ordinal);
        Assert.Contains(
            "How the model classifies some validation images after step 60: its most probable classes",
            page,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("false", true)]
    [InlineData("true", false)]
    public void Write_RunIsNotFinished_SaysUpToWhenItIsReported(string finished, bool expected)
    {
        using var run = RunDirectory.Complete();
        run.Save("run.json", $$"""{"name":"demo","finished":{{finished}}}""");
        var last = new RunRecord { Evaluation = SampleRecords.Evaluation(60) };
        run.AddLine(last.Stamped(new DateTimeOffset(2026, 11, 30, 7, 6, 5, TimeSpan.Zero), "a").ToJson()).SaveMetrics();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        string note = "The run was not finished then, 2026-11-30 07:06:05Z: what it did later, and how it ended, is not in this report.";
        Assert.Equal(expected, page.Contains(note, StringComparison.Ordinal));
        Assert.Equal(expected, page.Contains("not finished", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_AnyRun_AllowsItsStyleAndPicturesAlone()
    {
        using var run = RunDirectory.Full();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        string style = page[
            (page.IndexOf("<style>", StringComparison.Ordinal) + "<style>".Length)..page.IndexOf("</style>", StringComparison.Ordinal)
        ];
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.Contains(
            $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
                + $"'sha256-{hash}'; base-uri 'none'; form-action 'none'\">",
            page
        );
        // it holds for what follows it
        Assert.True(page.IndexOf("Content-Security-Policy", StringComparison.Ordinal) < page.IndexOf("<title>", StringComparison.Ordinal));
        Assert.DoesNotContain("style=\"", page, StringComparison.Ordinal); // the policy would drop it
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Write_AnyRun_HeadingsGoDownOneLevelAtATime()
    {
        using var run = RunDirectory.Full();
        int[] levels =
        [
            .. Headings().Matches(File.ReadAllText(RunReport.Write(run.Path))).Select(match => int.Parse(match.Groups[1].Value, null)),
        ];
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1 && pair.Second > 1));
    }

    [Fact]
    public void Write_BrokenPredictions_AreLeftOutAndTold()
    {
        using var run = RunDirectory.Complete().Save("predictions.json", """{"step":1,"sources":[{"name":"seen"}]}""");
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.DoesNotContain("predictions", Sections(page));
        Assert.Contains("predictions.json is left out", page);
    }

    [Fact]
    public void Write_CompleteRun_WritesPicturesAndEmbedsThemInBothThemes()
    {
        using var run = RunDirectory.Complete();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        foreach (string name in new[] { "curves.png", "similarity.png" })
        {
            using var picture = SKBitmap.Decode(run.File(name));
            Assert.True(picture.Width > 800 && picture.Height > 600, $"{name} is {picture.Width} x {picture.Height}");
        }
        Assert.Equal(5, Regex.Count(page, """<source media="\(prefers-color-scheme: dark\)" srcset="data:image/png;base64,"""));
        Assert.Equal(5, Regex.Count(page, """<img src="data:image/png;base64,[^"]+" width="\d+" height="\d+" alt="[^"]+">"""));
    }

    [Fact]
    public void Write_AnyRun_RefersToNothingOutside()
    {
        using var run = RunDirectory.Complete();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.DoesNotContain("http:", page);
        Assert.DoesNotContain("https:", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("url(", page);
        Assert.All(References().Matches(page), match => Assert.StartsWith("data:", match.Groups[1].Value));
    }

    [Fact]
    public void Write_TextOfTheRun_IsEscaped()
    {
        using var run = new RunDirectory();
        run.AddStep(1, 6).AddEvaluation(1, "<b>seen</b>", 0.5).SaveMetrics()
            .Save("spec.yaml", "name: </code></pre><script>alert(1)</script>\n").Save("run.json", """{"name":"<img src=x> & co"}""")
            .AddProbe(["a \"red\" <i>circle</i>", "a blue star"]);
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<b>", page);
        Assert.DoesNotContain("<i>", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.Contains("<h1>&lt;img src=x&gt; &amp; co</h1>", page);
        Assert.Contains("&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;", page);
        Assert.Contains("a &quot;red&quot; &lt;i&gt;circle&lt;/i&gt;", page);
    }

    [Fact]
    public void Write_OnlySteps_LeavesTheOtherSectionsOut()
    {
        using var run = new RunDirectory().AddStep(1, 6).AddLine("""{"kind":"st""").SaveMetrics(end: "");
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Equal(["figures", "curves", "digests"], Sections(page));
        Assert.False(File.Exists(run.File("similarity.png")));
        Assert.Contains("class=\"note\"", page);
    }

    [Fact]
    public void Write_NoRecordYet_StillMakesAPage()
    {
        using var run = new RunDirectory().SaveMetrics(end: "");
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Empty(Sections(page));
        Assert.Contains("No step has been recorded yet.", page);
    }

    [Fact]
    public void Write_Twice_ReplacesTheReport()
    {
        using var run = RunDirectory.Complete();
        string first = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Equal(first, File.ReadAllText(RunReport.Write(run.Path)));
        run.AddStep(61, 1.0).SaveMetrics();
        Assert.NotEqual(first, File.ReadAllText(RunReport.Write(run.Path)));
    }

    [Fact]
    public void Write_LossNotFinite_IsSaidAmongTheFigures()
    {
        using var run = new RunDirectory().AddStep(1, 6).AddStep(2, double.NaN).SaveMetrics();
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Contains("1 step not finite", page);
    }

    [Fact]
    public void Write_NoSuchDirectory_IsRefused() => Assert.Throws<BadInputException>(() => RunReport.Write("/nowhere/run"));

    private static IEnumerable<string> Sections(string page) => SectionIds().Matches(page).Select(match => match.Groups[1].Value);

    [GeneratedRegex("<h([1-6])>")]
    private static partial Regex Headings();

    [GeneratedRegex("<section id=\"(\\w+)\"")]
    private static partial Regex SectionIds();

    [GeneratedRegex("(?:src|srcset|href)=\"([^\"]{0,20})")]
    private static partial Regex References();
}
