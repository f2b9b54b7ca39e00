using ClipDistributed.Cli.Commands;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Cli.Tests.Commands;

public sealed class TokenizerEncodeCommandTests
{
    private static readonly ClipTokenizer Tokenizer = TokenizerTrainer.Train(["a cat", "a cat"], 1024, CleanMode.Lower);

    [Fact]
    public void Run_JsonStrings_GiveAnArrayOfIdsALine()
    {
        var ids = new StringWriter();
        TokenizerEncodeCommand.Run(Tokenizer, 4, new StringReader("\"a\"\n\"caf\\u00e9 and more\"\n\"\"\n"), ids);
        string[] lines = ids.ToString().Split('\n');
        Assert.Equal(["[1022,320,1023,0]", "[1022,66,64,1023]", "[1022,1023,0,0]", ""], lines);
    }

    [Theory]
    [InlineData("a cat")]
    [InlineData("3")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("\"\\ud800\"")]
    public void Run_LineThatIsNoString_IsNamed(string line)
    {
        var ids = new StringWriter();
        var bad = Assert.Throws<BadInputException>(() =>
            TokenizerEncodeCommand.Run(Tokenizer, 4, new StringReader($"\"a\"\n\"b\"\n{line}\n"), ids)
        );
        Assert.StartsWith("line 3: ", bad.Message);
        Assert.Equal(2, ids.ToString().Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("--context 77", "--tokenizer")]
    [InlineData("--tokenizer t.json --context 1", "use 2 or more")]
    [InlineData("--tokenizer t.json --context many", "many")]
    [InlineData("--tokenizer t.json --clean upper", "canonicalize")]
    public void Create_BadOptions_AreRefused(string arguments, string expected) =>
        Assert.Contains(TokenizerEncodeCommand.Create().Parse(arguments).Errors, error => error.Message.Contains(expected));

    [Fact]
    public void Create_GoodOptions_AreTaken() =>
        Assert.Empty(TokenizerEncodeCommand.Create().Parse("--tokenizer t.json --context 32 --clean whitespace").Errors);
}
