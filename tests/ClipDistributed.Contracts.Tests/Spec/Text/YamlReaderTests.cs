using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ClipDistributed.Contracts.Spec.Text;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Spec.Text;

public sealed class YamlReaderTests
{
    private static readonly char[] Letters = [.. Enumerable.Range(' ', 95).Select(code => (char)code), 'é', '“', '中', '\u2028', '\u202e'];

    private static readonly string[] Awkward =
    [
        "",
        "null",
        "~",
        "a: b",
        "- x",
        "# no",
        "[",
        "{a",
        "'",
        "\"",
        "\\",
        "it's",
        "a\tb",
        "two\nlines",
        "\n",
        "x ",
        " x",
        "0x10",
        "1e400",
        "*a",
        "&a",
        "!t",
        "|",
        "😀",
        "\u0001",
        "x:",
        ":",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.OneOf(Letters).Array[0, 12].Select(letters => new string(letters)),
        Gen.OneOf(Awkward)
    );

    [Theory]
    [InlineData("data: {train: [{path: x}, {path: y]}", "spec.yaml:1: '{' is not closed by '}', or a comma is missing after it.")]
    [InlineData("name: a\ndata: [1, 2\nloss: x\n", "spec.yaml:2: '[' is not closed by ']', or a comma is missing after it.")]
    [InlineData("name: a\nbatch: {global: 5\nseed: 1\n", "spec.yaml:2: '{' is not closed by '}', or a comma is missing after it.")]
    [InlineData("a: {b: c", "spec.yaml:1: '{' is not closed by '}', or a comma is missing after it.")]
    [InlineData("a: [", "spec.yaml:1: '[' is not closed by ']', or a comma is missing after it.")]
    [InlineData("{", "spec.yaml:1: '{' is not closed by '}', or a comma is missing after it.")]
    [InlineData("name: x\ndata:\n\ttrain: x\n", "spec.yaml:3: a tab indents this line; YAML takes spaces only.")]
    [InlineData("name: x\ndata:\n  train:\n\t- path: x\n", "spec.yaml:4: a tab indents this line; YAML takes spaces only.")]
    [InlineData("name: x\n\tseed: 1\n", "spec.yaml:2: a tab indents this line; YAML takes spaces only.")]
    [InlineData("name: x\n  \tseed: 1\n", "spec.yaml:2: a tab indents this line; YAML takes spaces only.")]
    [InlineData("a: \"\\uD800\\u0041\"", "spec.yaml:1: an escape such as \\uD800 here or in the next value is not a character; delete it.")]
    [InlineData("a: 1\n\0b: 2\n", "spec.yaml:2: has the character U+0000, which is not text; delete it.")]
    [InlineData("a: \u001b[31m", "spec.yaml:1: has the character U+001B, which is not text; delete it.")]
    [InlineData("a: 1\nb: 2\na: 3", "spec.yaml:3: a is given on line 1 already; keep one of them.")]
    [InlineData("{\"a\": 1, \"a\": 2}", "spec.yaml:1: a is given on line 1 already; keep one of them.")]
    [InlineData("a: *x", "spec.yaml:1: *x repeats a value that no &x names before it; write the value, or the text in quotes.")]
    [InlineData("a: &x [*x]", "spec.yaml:1: *x repeats a value that no &x names before it; write the value, or the text in quotes.")]
    [InlineData("a: !!binary x", "spec.yaml:1: tags such as !binary are not read; delete it, or put the text in quotes.")]
    [InlineData("a: !mine x", "spec.yaml:1: tags such as !mine are not read; delete it, or put the text in quotes.")]
    [InlineData("[a, b]: 1", "spec.yaml:1: a key is a list, a mapping or an alias; write its text.")]
    [InlineData("a: 1\n---\nb: 2", "spec.yaml:2: a second document begins; a spec is one.")]
    public void Read_Broken_IsOneLineThatNamesThePlace(string text, string expected)
    {
        var errors = new List<string>();
        YamlReader.Read(text, "spec.yaml", numbered: true, errors);
        Assert.Equal([expected], errors);
    }

    /// <summary>What the parser says, with the line before it.</summary>
    [Theory]
    [InlineData("a: }", 1)]
    [InlineData("name: x\nb: \"open\nb: 2\n", 2)]
    [InlineData("name: x\na: 'open", 2)]
    [InlineData("a: \"\\q\"", 1)]
    [InlineData("a: \"\\x4\"", 1)]
    [InlineData("a: b: c", 1)]
    [InlineData("a: b\n  c: d", 2)]
    [InlineData("a:\n  b: 1\n c: 2", 3)]
    [InlineData("a: 1\njust text", 2)]
    [InlineData("a: 'b' c", 1)]
    [InlineData("a: @b", 1)]
    public void Read_NoYaml_NamesTheLine(string text, int line)
    {
        var errors = new List<string>();
        YamlReader.Read(text, "spec.yaml", numbered: true, errors);
        Assert.StartsWith($"spec.yaml:{line}: while ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: b", """{"a":"b"}""")]
    [InlineData("\uFEFF# comment\r\n---\r\na: b # more\r\n\r\nc: 'it''s'\r\n...\r\n", """{"a":"b","c":"it's"}""")]
    [InlineData("a: 1\rb: 2\r", """{"a":"1","b":"2"}""")]
    [InlineData("a:\n- b\n- c: d\n  e: f\n-\n  - g\n- - h\n  - i\nj:\n", """{"a":["b",{"c":"d","e":"f"},["g"],["h","i"]],"j":null}""")]
    [InlineData("a: {b: [1, {c: d}], e, 'f':g, \"h\": }", """{"a":{"b":["1",{"c":"d"}],"e":null,"f":"g","h":null}}""")]
    [InlineData("{\n\t\"a\": \"x\",\n\t\"b\": [\n\t\t1,\n\t\t2\n\t]\n}\n", """{"a":"x","b":["1","2"]}""")]
    [InlineData("a: \"\\u00e9\\x41\\t\\/\\uD83D\\uDE00\\U0001F600\"", """{"a":"éA\t/\uD83D\uDE00\uD83D\uDE00"}""")]
    [InlineData("a: \"one\n  two\n\n  three \\\n  four\"", """{"a":"one two\nthree four"}""")]
    [InlineData("a: one\n  two\n\n  three\nb: 1", """{"a":"one two\nthree","b":"1"}""")]
    [InlineData("a: s3://b/c#d\nb: x:y\n", """{"a":"s3://b/c#d","b":"x:y"}""")]
    [InlineData(
        "a: &x {b: [1, 2]}\nc: *x\nd: [*x, &y z, *y]",
        """{"a":{"b":["1","2"]},"c":{"b":["1","2"]},"d":[{"b":["1","2"]},"z","z"]}"""
    )]
    [InlineData("\"a b\": ~\nc d: Null\ne: 'null'", """{"a b":null,"c d":null,"e":"null"}""")]
    [InlineData("%YAML 1.2\n---\na: |\n  one\n  two\nb: >-\n  one\n  two\n? c\n: d\n", """{"a":"one\ntwo\n","b":"one two","c":"d"}""")]
    [InlineData("a: [1,\n  2, # three\n  3,\n]", """{"a":["1","2","3"]}""")]
    public void Read_Sound_GivesTheValues(string text, string expected) => Assert.Equal(expected, ToJson(ReadSound(text)));

    [Fact]
    public void Read_AnyJson_GivesItsValues() =>
        Json(3)
            .Sample(value =>
            {
                foreach (bool isIndented in new[] { false, true })
                {
                    string text = JsonSerializer.Serialize(
                        value,
                        new JsonSerializerOptions
                        {
                            WriteIndented = isIndented,
                            IndentCharacter = '\t',
                            IndentSize = 1,
                        }
                    );
                    Assert.Equal(JsonSerializer.Serialize(value, Plain), ToJson(ReadSound(text)));
                }
            });

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("&a ")]
    [InlineData("a: [{b: ")]
    [InlineData("?")]
    [InlineData("\"")]
    [InlineData("'\n ")]
    [InlineData("a\n ")]
    [InlineData("a: b\n ")]
    [InlineData("\\u0041")]
    [InlineData("[*a,")]
    [InlineData("#\n")]
    [InlineData("a:\n ")]
    public void Read_RepeatedManyTimes_IsReadOrRefused(string part)
    {
        string text = string.Concat(Enumerable.Repeat(part, (1 << 16) / part.Length));
        foreach (string beginning in new[] { "", "a: ", "a: \"", "a: [&a 1, " })
        {
            var errors = new List<string>();
            Assert.True(YamlReader.Read(beginning + text, "spec.yaml", numbered: true, errors) is not null || errors.Count > 0);
        }
    }

    [Fact]
    public void Read_DeepBlocks_AreRefused()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 1000; i++)
            text.Append(' ', i).Append("a:\n");
        var errors = new List<string>();
        Assert.Null(YamlReader.Read(text.ToString(), "spec.yaml", numbered: true, errors));
        Assert.Contains("nested more than 32 deep", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AliasesOfAliases_AreBounded()
    {
        string text =
            "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(
                Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n")
            );
        var errors = new List<string>();
        Assert.Null(YamlReader.Read(text, "spec.yaml", numbered: true, errors));
        Assert.Contains("spec.yaml:5: has more than 20,000 values", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static Gen<object?> Json(int depth) =>
        depth == 0
            ? Texts.Select(text => (object?)text)
            : Gen.OneOf(
                Texts.Select(text => (object?)text),
                Json(depth - 1).Array[0, 4].Select(items => (object?)items),
                Gen.Select(Texts, Json(depth - 1))
                    .Array[0, 4]
                    .Select(pairs => (object?)pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2))
            );

    private static SpecNode ReadSound(string text)
    {
        var errors = new List<string>();
        var node = YamlReader.Read(text, "spec.yaml", numbered: true, errors);
        Assert.Empty(errors);
        return node!;
    }

    private static string ToJson(SpecNode node) => JsonSerializer.Serialize(ToValue(node), Plain);

    private static object? ToValue(SpecNode node) => node switch
    {
        SpecScalar { IsNull: true } => null,
        SpecScalar scalar => scalar.Text,
        SpecList list => list.Items.Select(ToValue).ToArray(),
        SpecMap map => map.Entries.ToDictionary(entry => entry.Key, entry => ToValue(entry.Value)),
        _ => throw new UnreachableException(),
    };
}
