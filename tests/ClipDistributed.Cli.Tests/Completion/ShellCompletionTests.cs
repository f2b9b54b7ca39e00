using System.ComponentModel;
using System.Diagnostics;
using ClipDistributed.Cli.Completion;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Completion;

/// <summary>The scripts in real shells.</summary>
public sealed class ShellCompletionTests
{
    private static readonly IReadOnlyList<CommandWords> Tree = CommandWords.Of(ClipdCommands.Create());

    /// <summary>A command line up to the cursor, and what is offered there.</summary>
    public static TheoryData<string, string[]> Lines => new()
    {
        { "clipd ru", ["run"] },
        { "clipd host ", ["drain", "list", "show"] },
        { "clipd job s", ["show", "submit"] },
        { "clipd run list --st", ["--state"] },
        { "clipd run list -o ", ["json", "table"] },
        { "clipd run list --output j", ["json"] },
        { "clipd run list --output=j", ["json"] },
        { "clipd run list --state suc", ["succeeded"] },
        { "clipd run list --job ", [] },
        { "clipd run list --job list -o t", ["table"] },
        { "clipd train --set optimizer.warmup_s", ["optimizer.warmup_steps="] },
        { "clipd train sp", ["spec file.yaml", "spec.yaml"] },
        { "clipd train spec.yaml --libtorch spec.", ["spec.yaml"] },
        { "clipd spec explain batch.g", ["batch.gather", "batch.global"] },
        { "clipd submit spec.yaml --val", ["--validate-only"] },
        { "clipd run show ", [] },
        { "clipd completion ", ["bash", "fish", "zsh"] },
    };

    [Theory, MemberData(nameof(Lines))]
    public void Bash_AtTheCursor_OffersWhatFits(string line, string[] offered)
    {
        string[] words = [.. line.Split(' ').SelectMany(word => word.StartsWith("--", StringComparison.Ordinal)
            ? word.Split('=') is [var option, var value] ? [option, "=", value] : new[] { word }
            : [word])];
        string call = $"COMP_WORDS=({string.Join(' ', words.Select(word => $"'{word}'"))}); COMP_CWORD={words.Length - 1}; _clipd; "
            + "printf '%s\\n' \"${COMPREPLY[@]}\"";
        Assert.Equal(offered, Offered("bash", ["--norc", "-c", $". ./completion; {call}"], BashCompletion.Write(Tree)));
    }

    [Theory, MemberData(nameof(Lines))]
    public void Fish_AtTheCursor_OffersWhatFits(string line, string[] offered)
    {
        Assert.SkipUnless(IsThere("fish"), "fish is not installed");
        string[] found = Offered("fish", ["--no-config", "-c", $"source ./completion; complete -C '{line}'"], FishCompletion.Write(Tree));
        // With its meaning after a tab; of --output=json the whole word.
        Assert.Equal(offered, found.Select(word => word.Split('\t')[0].Replace("--output=", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Zsh_Script_CanBeRead()
    {
        Assert.SkipUnless(IsThere("zsh"), "zsh is not installed");
        Assert.Empty(Offered("zsh", ["-f", "-n", "./completion"], ZshCompletion.Write(Tree)));
    }

    [Theory]
    [InlineData("bash", "complete -F _clipd clipd")]
    [InlineData("zsh", "#compdef clipd")]
    [InlineData("fish", "complete -c clipd")]
    public void Command_OfAShell_PrintsItsScript(string shell, string part)
    {
        using var folder = new TemporaryFolder();
        var result = Clipd.Run(folder.Path, "completion", shell);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains(part, result.Output, StringComparison.Ordinal);
    }

    /// <returns>The lines that it prints, in order.</returns>
    private static string[] Offered(string shell, string[] arguments, string script)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("completion"), script);
        foreach (string file in (string[])["spec.yaml", "spec file.yaml", "notes.txt"])
            File.WriteAllText(folder.File(file), "");
        using var process = Process.Start(new ProcessStartInfo(shell, arguments)
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", errors.Result);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    private static bool IsThere(string shell)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(shell, ["--version"]) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
