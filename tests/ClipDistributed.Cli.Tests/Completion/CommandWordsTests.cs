using System.Text.RegularExpressions;
using ClipDistributed.Cli.Completion;
using ClipDistributed.Cli.Tests.Commands;

namespace ClipDistributed.Cli.Tests.Completion;

public sealed partial class CommandWordsTests
{
    private static readonly IReadOnlyList<CommandWords> Tree = CommandWords.Of(ClipdCommands.Create());

    [Fact]
    public void Of_TheTree_HasEveryCommandAndOption()
    {
        Assert.Equal(CommandTree.Paths().Order(), Tree.Select(command => command.Path).Order());
        Assert.All(Tree, command =>
        {
            var options = CommandTree.Find(command.Path).Options;
            Assert.Empty(options.Select(option => option.Name).Except(command.Options.SelectMany(option => option.Names)));
            Assert.Contains("--help", command.Options.SelectMany(option => option.Names));
        });
    }

    [Fact]
    public void Of_Values_AreWordsFilesOrNeither()
    {
        Assert.Equal(["json", "table"], Value("run list", "--output").Words);
        Assert.Contains("succeeded", Value("run list", "--state").Words);
        Assert.Contains("optimizer.lr=", Value("train", "--set").Words);
        Assert.Equal((0, true), (Value("train", "--libtorch").Words.Count, Value("train", "--libtorch").IsPath));
        Assert.Equal((0, false), (Value("train", "--threads").Words.Count, Value("train", "--threads").IsPath));
        Assert.Null(Tree.Single(command => command.Path == "train").Options.Single(option => option.Names.Contains("--resume")).Value);
        Assert.True(Tree.Single(command => command.Path == "train").Arguments!.IsPath);
    }

    /// <summary>A script quotes them, and bash expands the words that it offers.</summary>
    [Fact]
    public void Of_Words_HaveNoCharacterThatAShellExpands()
    {
        var values = Tree.SelectMany(command => command.Options.Select(option => option.Value).Append(command.Arguments))
            .OfType<ValueWords>();
        var all = Tree.SelectMany(command => command.Options.SelectMany(option => option.Names))
            .Concat(Tree.SelectMany(command => command.Commands.Select(sub => sub.Name))).Concat(values.SelectMany(value => value.Words));
        Assert.All(all.Distinct(), word => Assert.Matches(Plain(), word));
    }

    private static ValueWords Value(string path, string option) =>
        Tree.Single(command => command.Path == path).Options.Single(one => one.Names.Contains(option)).Value!;

    [GeneratedRegex(@"^[\w.=?-]+$")]
    private static partial Regex Plain();
}
