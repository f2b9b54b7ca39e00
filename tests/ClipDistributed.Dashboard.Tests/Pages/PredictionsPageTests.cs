using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Dashboard.Tests.Pages;

/// <summary>What a browser gets of predictions over time, and of questions to a model.</summary>
public sealed class PredictionsPageTests
{
    private const string Markup = "<b>a</b> & \u202Ered";

    private static readonly ProbeSet Set = new(
        [Markup, "a blue star"], [[1], [2]], [new ProbeSource("<i>seen</i>", ["red", "blue"], [[3], [4]])]);

    [Fact]
    public async Task Predictions_NoValidation_SaysWhatTurnsThemOn()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));
        string page = await browser.GetStringAsync($"/runs/{run}/predictions");
        Assert.Contains("No predictions yet", page, StringComparison.Ordinal);
        Assert.Contains("names no validation data", page, StringComparison.Ordinal);
        Assert.Contains("every_steps: 200", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predictions_StepInTheAddress_ShowsThatOne()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        var directory = await DirectoryAsync(server, run);
        Write(directory, 100, own: 0.25, right: false);
        Write(directory, 200, own: 0.75, right: true);
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));

        string newest = await browser.GetStringAsync($"/runs/{run}/predictions");
        Assert.Contains("Step <b>200</b>", newest, StringComparison.Ordinal);
        Assert.Contains(".75", newest, StringComparison.Ordinal);
        Assert.Contains("2 of 2</b> captions find", newest, StringComparison.Ordinal);
        Assert.Contains("2 of 2</b> right", newest, StringComparison.Ordinal);
        string earlier = await browser.GetStringAsync($"/runs/{run}/predictions?step=150");
        Assert.Contains("Step <b>100</b>", earlier, StringComparison.Ordinal);
        Assert.Contains("0 of 2</b> captions find", earlier, StringComparison.Ordinal);
        Assert.Contains("Wrong <b>2</b>", earlier, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predictions_TextsOfOthers_StayText()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        Write(await DirectoryAsync(server, run), 100, own: 0.25, right: true);
        using var browser = await server.SignedInAsync(server.Token);
        string page = await browser.GetStringAsync($"/runs/{run}/predictions");
        Assert.Contains("&lt;b&gt;a&lt;/b&gt; &amp; \\u202Ered", page, StringComparison.Ordinal);
        Assert.Contains("&lt;i&gt;seen&lt;/i&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>a</b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predictions_DamagedOrForeignFiles_AreLeftOut()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        var directory = await DirectoryAsync(server, run);
        Write(directory, 100, own: 0.25, right: true);
        await File.WriteAllTextAsync(directory.PredictionStep(200), "{\"step\":200");
        new ProbeResult(300, [[0.5]], []).Save(directory.PredictionStep(300)); // of fewer captions
        new ProbeResult(400, [[0.5, 0.5], [0.5, 0.5]], [[[], []]]).Save(directory.PredictionStep(400)); // without guesses
        await File.WriteAllBytesAsync(directory.PredictionStep(500), new byte[ProbeResult.MaxBytes + 1]);
        using var browser = await server.SignedInAsync(server.Token);
        string page = await browser.GetStringAsync($"/runs/{run}/predictions");
        Assert.Contains("1 of 1 evaluations", page, StringComparison.Ordinal);

        await File.WriteAllTextAsync(directory.ProbeSet, "{\"captions\":[\"a\"],\"images_png\":[],\"sources\":[]}");
        Assert.Contains("No predictions yet", await browser.GetStringAsync($"/runs/{run}/predictions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Try_Viewer_CanAsk()
    {
        await using var server = await DashboardServer.StartAsync();
        string run = await server.SubmitAsync();
        using var browser = await server.SignedInAsync(await server.TokenAsync(Role.Viewer));
        string page = await browser.GetStringAsync($"/runs/{run}/try");
        Assert.Contains("Drop a picture here", page, StringComparison.Ordinal);
        Assert.Contains(">Newest</option>", page, StringComparison.Ordinal);
    }

    private static async Task<RunDirectory> DirectoryAsync(DashboardServer server, string run) => new(
        (await new ControlService.ControlServiceClient(server.Channel).GetRunAsync(new GetRunRequest { RunId = run })).Run.RunDirectory);

    private static void Write(RunDirectory directory, long step, double own, bool right)
    {
        Directory.CreateDirectory(directory.PredictionSteps);
        Set.Save(directory.ProbeSet);
        IReadOnlyList<ClassGuess> Guess(string label) => [new(label, 0.6), new("other", 0.4)];
        new ProbeResult(
            step,
            [[own, 0.5], [0.5, own]],
            [right ? [Guess("red"), Guess("blue")] : [Guess("blue"), Guess("red")]]).Save(directory.PredictionStep(step));
    }
}
