using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd spec explain</c></summary>
public sealed class SpecExplainCommandTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public void Explain_AField_ShowsMeaningUnitRangeAndDefault()
    {
        var shown = Clipd.Run(Folder, "spec", "explain", "checkpoint.every_minutes");
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        string[] names = ["field", "meaning", "type", "unit", "allowed", "default"];
        Assert.Equal(names, shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
        Assert.Contains("minutes", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_ASection_ListsItsFields()
    {
        var shown = Clipd.Run(Folder, "spec", "explain", "replicas");
        Assert.Equal(0, shown.ExitCode);
        Assert.All(["replicas.min", "replicas.max"], field => Assert.Contains(field, shown.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_Nothing_ListsAllFields()
    {
        var shown = Clipd.Run(Folder, "spec", "explain");
        Assert.Equal(0, shown.ExitCode);
        Assert.All(
            ["run_directory", "data.train[].path", "limits.max_image_pixels"],
            field => Assert.Contains(field, shown.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_UnknownField_IsRefusedWithTheNearest()
    {
        var refused = Clipd.Run(Folder, "spec", "explain", "optimizer.lrr");
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("optimizer.lr?", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }
}
