using System.CommandLine;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The frame of all commands: help, version, and what is written wrong.</summary>
public sealed class CommandLineTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Theory]
    [InlineData("", "clipd [command]")]
    [InlineData("help", "clipd [command]")]
    [InlineData("run", "clipd run [command]")]
    [InlineData("help run", "clipd run [command]")]
    [InlineData("help run list", "clipd run list [options]")]
    [InlineData("run list --help", "clipd run list [options]")]
    public void Help_AskedForInAnyWay_IsShown(string arguments, string usage)
    {
        var shown = Clipd.Run(Folder, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        Assert.Contains(usage, shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_FirstScreen_NamesWhatANewcomerNeedsInThatOrder()
    {
        string shown = Clipd.Run(Folder).Output;
        string[] steps = ["clipd data pack", "clipd spec show", "clipd train spec.yaml", "clipd eval", "clipd classify"];
        Assert.Equal(steps, steps.OrderBy(step => shown.IndexOf(step, StringComparison.Ordinal)));
        Assert.All(steps, step => Assert.Contains(step, shown, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    public void Version_IsOneShortLine(string argument)
    {
        var shown = Clipd.Run(Folder, argument);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
        Assert.Matches(@"^clipd \d+\.\d+\.\d+( \([0-9a-f]{7}\))?\n$", shown.Output);
    }

    [Theory]
    [InlineData("trian demo.yaml", "error: clipd has no command 'trian'; did you mean train? It has: data,", "Try: clipd --help")]
    [InlineData("run lst", "error: clipd run has no command 'lst'; did you mean list? It has: list,", "Try: clipd run --help")]
    [InlineData("help rum", "error: clipd has no command 'rum'; did you mean run? It has: data,", null)]
    [InlineData(
        "run list --coordinater x",
        "error: clipd run list has no option '--coordinater'; did you mean --coordinator?",
        "Try: clipd run list --help"
    )]
    [InlineData(
        "classify a.png --modle m --labels a,b",
        "error: clipd classify has no option '--modle'; did you mean --model?",
        "Try: clipd classify --help"
    )]
    [InlineData(
        "classify a.png -x json --model m --labels a,b",
        "error: clipd classify has no option '-x'; --help lists those it has.",
        "Try: clipd classify --help"
    )]
    [InlineData("classify -o json", "error: Option '--model' is required.", "Try: clipd classify --help")]
    [InlineData("run stop a b", "error: clipd run stop takes no further argument 'b'.", "Try: clipd run stop --help")]
    [InlineData("audit list --limit ten", "error: --limit is 'ten'; use a whole number.", "Try: clipd audit list --help")]
    [InlineData("audit list --limit 0", "error: --limit is less than 1; give a count of entries.", "Try: clipd audit list --help")]
    [InlineData(
        "audit list --limit 99999999999",
        "error: --limit is '99999999999'; use a whole number from -2,147,483,648 to 2,147,483,647.",
        "Try: clipd audit list --help"
    )]
    [InlineData(
        "coordinator --backfill-minutes soon",
        "error: --backfill-minutes is 'soon'; use a number, as in 12 or 0.5.",
        "Try: clipd coordinator --help"
    )]
    [InlineData(
        "--coordinator http://a run list",
        "error: --coordinator comes after the command, as in clipd run list --coordinator …",
        null
    )]
    [InlineData(
        "run --coordinator http://a show demo-1",
        "error: --coordinator comes after the command, as in clipd run show --coordinator …",
        null
    )]
    [InlineData("run list -o yaml", "error: --output is 'yaml'; use table or json.", "Try: clipd run list --help")]
    public void Mistake_IsNamedWithWhatWasMeant(string arguments, string expected, string? hint)
    {
        var refused = Clipd.Run(Folder, arguments.Split(' '));
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(expected, refused.ErrorLines[0], StringComparison.Ordinal);
        if (hint is not null || !expected.Contains("comes after", StringComparison.Ordinal))
            Assert.Equal(hint, refused.ErrorLines.Skip(1).LastOrDefault());
    }

    /// <summary>Of every option of every command, in one line that names the option and the value.</summary>
    [Fact]
    public void Mistake_ValueOfAnotherType_IsNamedInTheUsersWords()
    {
        var wrong = new List<string>();
        int count = 0;
        foreach (string path in CommandTree.Paths())
        {
            foreach (string option in CommandTree.Find(path).Options.Where(HasANumber).Select(option => option.Name))
            {
                var mistakes = CommandMistakes.Find(ClipdCommands.Create().Parse($"{path} {option} nonsense", CommandLine.Parser));
                if (!mistakes.Any(line => line.StartsWith($"{option} is 'nonsense'; use ", StringComparison.Ordinal))
                    || mistakes.Any(line => line.Contains("System.", StringComparison.Ordinal)))
                    wrong.Add($"{path} {option}: {string.Join(" | ", mistakes)}");
                count++;
            }
        }
        Assert.Empty(wrong);
        Assert.True(count > 20, $"{count} options");

        static bool HasANumber(Option option) =>
            option is { Action: null, ValueType.IsValueType: true } && option.ValueType != typeof(bool); // help and version act
    }

    [Theory]
    [InlineData(
        "embed --model none --texts none --out /nowhere/x.parquet",
        "error: --out: the folder /nowhere does not exist; make it or name another."
    )]
    [InlineData("embed --model none --texts none --out /dev/null", "error: --out is /dev/null; end it with .parquet or .safetensors.")]
    [InlineData("model export none --to hf --out /dev/null/x", "error: --out: /dev/null is a device; name a folder.")]
    [InlineData("data inspect none --out /nowhere/x.png", "error: --out: the folder /nowhere does not exist; make it or name another.")]
    [InlineData("data inspect none --out a.gif", "error: --out is a.gif; end it with .png or .jpg or .jpeg or .webp.")]
    [InlineData("data inspect none --out /proc/x.png", "error: --out: the folder /proc takes no new files; name another.")]
    [InlineData("embed --model none --texts none --out /sys/x.parquet", "error: --out: the folder /sys takes no new files; name another.")]
    [InlineData("model export none --to hf --out /proc/x", "error: --out: the folder /proc takes no new files; name another.")]
    [InlineData("data preprocess none --out /proc/x.safetensors", "error: --out: the folder /proc takes no new files; name another.")]
    [InlineData("tokenizer train none --out /proc/x", "error: --out: the folder /proc takes no new files; name another.")]
    [InlineData("data pack /etc --out /proc/x", "error: --out: the folder /proc takes no new files; name another.")]
    [InlineData("data shapes /sys/x", "error: OUT: the folder /sys takes no new files; name another.")]
    [InlineData("coordinator --listen 127.0.0.1:0 --state /proc/x", "error: The state directory /proc/x cannot be written")]
    [InlineData("data preprocess none --out /", "error: --out: / is a folder; name a file in it.")]
    [InlineData("tokenizer train none --out /dev/full", "error: --out: /dev/full is a device; name a regular file.")]
    [InlineData("data shapes /dev/null/x", "error: OUT: ")]
    public void Output_ThatCannotBeWritten_IsRefusedBeforeTheInputIsLookedAt(string arguments, string expected)
    {
        var refused = Clipd.Run(Folder, arguments.Split(' '));
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(expected, Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_WithAnAtSign_AreNoResponseFiles() =>
        Assert.EndsWith(
            "@none.yaml: there is no such spec file; give the path of a YAML or JSON file.",
            Assert.Single(Clipd.Run(Folder, "spec", "check", "@none.yaml").ErrorLines),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("train spec.yaml --threads 0", "0")]
    [InlineData("classify --model none --labels a,b --threads -1 x.png", "-1")]
    [InlineData("embed --model none --images x --out y --threads 100000", "100000")]
    [InlineData("eval retrieval --model none --data x --threads abc", "abc")]
    public void Threads_OutOfRange_AreRefused(string arguments, string given)
    {
        var refused = Clipd.Run(Folder, arguments.Split(' '));
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal($"error: --threads is '{given}'; use 1 to 1024, not more than there are processors.", refused.ErrorLines[0]);
    }

    [Fact]
    public void Errors_EscapeSequences_AreShownOnOneLine()
    {
        var refused = Clipd.Run(Folder, "train", "no\u001b[2J\nspec\u202e.yaml");
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal(
            [
                @"error: spec is 'no\u001B[2J\u000Aspec\u202E.yaml': control characters are not allowed in a path.",
                "Try: clipd train --help",
            ],
            refused.ErrorLines
        );
    }

    /// <summary>An assembly that finds no room is reported as missing, with a stack.</summary>
    [Theory]
    [InlineData(60, "version")]
    [InlineData(200, "coordinator")]
    public void Run_FewOpenFiles_IsRefusedInOneLine(int files, string command)
    {
        using var clipd = Clipd.StartThrough(["sh", "-c", $"ulimit -n {files} && exec \"$@\"", "sh"], Folder, command);
        var refused = clipd.Finish();
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Equal(
            $"error: this process may have {files} files open, and clipd needs 256 or more; raise the limit before it is started "
                + $"(ulimit -n 1024)",
            Assert.Single(refused.ErrorLines)
        );
    }

    [Fact]
    public void Coordinator_FewOpenFiles_IsRefusedInOneLine()
    {
        using var clipd = Clipd.StartThrough(
            ["sh", "-c", "ulimit -n 300 && exec \"$@\"", "sh"],
            Folder,
            "coordinator",
            "--listen",
            "127.0.0.1:0",
            "--state",
            "state"
        );
        var refused = clipd.Finish();
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(
            "error: This process may have 300 files open, and a coordinator needs ",
            Assert.Single(refused.ErrorLines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Build_LibTorch_LiesInItsOwnFolderWithoutWhatNobodyUses()
    {
        string folder = RepositoryFolder.File("bin", "lib", "clipd-replica");
        Assert.Equal(
            ["build-version", "libc10.so", "libtorch.so", "libtorch_cpu.so", "libtorch_global_deps.so"],
            Directory.GetFiles(Path.Combine(folder, "libtorch")).Select(Path.GetFileName)
                .Where(name => !name!.StartsWith("libgomp", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        );
        // Where the runtime looks by itself: beside the program, and for what its list of dependencies names.
        Assert.DoesNotContain(Directory.GetFiles(folder).Select(Path.GetFileName), IsLibTorch!);
        string dependencies = File.ReadAllText(Path.Combine(folder, "clipd-replica.deps.json"));
        Assert.DoesNotContain("libtorch_cpu.so", dependencies, StringComparison.Ordinal);

        static bool IsLibTorch(string name) =>
            name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal);
    }
}
