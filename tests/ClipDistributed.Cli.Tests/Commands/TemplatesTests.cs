using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Templates without a place for the name: every command that reads them refuses them with the same words.</summary>
public sealed class TemplatesTests(TrainedDemo demo)
{
    public static TheoryData<string> Commands =>
    [
        "train spec.yaml --set run_directory=other --set evaluate.zeroshot.templates={0}",
        "spec check spec.yaml --set evaluate.zeroshot.templates={0}",
        "classify run/similarity.png --model {1} --labels a,b --templates {0}",
        "eval zeroshot --model {1} --data data/seen --classes data/classes.txt --templates {0}",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void AnyCommand_TemplatesOfAnotherTool_AreRefusedAlike(string command)
    {
        foreach (var (file, advice) in new[] { ("t-pct.txt", "write {} instead of %s"), ("t-none.txt", "write {} where it goes") })
        {
            string path = Fixtures.File("cases", "templates", file);
            var done = Clipd.Run(
                demo.Folder,
                [
                    .. command
                        .Split(' ')
                        .Select(word =>
                            word.Replace("{0}", path, StringComparison.Ordinal).Replace("{1}", demo.Model, StringComparison.Ordinal)
                        ),
                ]
            );
            Assert.Equal(2, done.ExitCode);
            Assert.Contains($"templates: {path}:1: ", Assert.Single(done.ErrorLines), StringComparison.Ordinal);
            Assert.Contains(advice, done.Errors, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(demo.Path("other")));
    }

    [Theory]
    [InlineData("classify run/similarity.png --model {1} --labels \"red,round\",green --json --templates")]
    [InlineData("eval zeroshot --model {1} --data data/seen --classes data/classes.txt --json --templates")]
    public void AnyCommand_TemplatesFromAPipe_AreRead(string command)
    {
        string words = command.Replace("{1}", demo.Model, StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        using var shell = Clipd.StartThrough(["bash", "-c", $"printf 'a {{c}}\\n' | \"$0\" {words} /dev/stdin"], demo.Folder);
        var done = shell.Finish();
        Assert.True(done.ExitCode == 0, done.Errors);
        Assert.NotEqual("", done.Output);
    }
}
