using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Preparation;
using CsCheck;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class LabelListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("cat,dog", new[] { "cat", "dog" })]
    [InlineData(" cat , dog ", new[] { "cat", "dog" })]
    [InlineData("\"red, round\",green", new[] { "red, round", "green" })]
    [InlineData("green, \"red, round\" ", new[] { "green", "red, round" })]
    [InlineData("\"say \"\"cheese\"\"\",smile", new[] { "say \"cheese\"", "smile" })]
    [InlineData("12\" record,tape", new[] { "12\" record", "tape" })]
    public void Parse_QuotedAsCsv_KeepsTheCommasInside(string given, string[] expected) => Assert.Equal(expected, LabelList.Parse(given));

    [Theory]
    [InlineData("cat,,dog", "empty label")]
    [InlineData("cat,\"\",dog", "empty label")]
    [InlineData("cat", "alone")]
    [InlineData("cat,dog,cat", "2 times")]
    [InlineData("\"cat\",cat", "2 times")]
    [InlineData("\"cat,dog", "not closed")]
    [InlineData("\"cat\"s,dog", "after a quoted label")]
    [InlineData("cat\ndog", "has 2 lines")]
    public void Parse_WhatCannotBeLabels_IsRefused(string given, string reason) =>
        Assert.Contains(reason, Assert.Throws<BadInputException>(() => LabelList.Parse(given)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_File_HasALabelALine()
    {
        File.WriteAllText(
            folder.File("labels.txt"),
            "red, round\n\n  green \r\n\"blue, square\"\r\"say \"\"x\"\"\"\n12\" record\n\"A\" and \"B\"\n\"open\n"
        );
        Assert.Equal(
            ["red, round", "green", "blue, square", "say \"x\"", "12\" record", "\"A\" and \"B\"", "\"open"],
            LabelList.Parse($"@{folder.File("labels.txt")}")
        );
        Assert.Contains(
            $"@{folder.File("labels.txt")}",
            Assert.Throws<BadInputException>(() => LabelList.Parse(folder.File("labels.txt"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "there is no file",
            Assert.Throws<BadInputException>(() => LabelList.Parse($"@{folder.File("absent.txt")}")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("cat,dog\n", "names 'cat,dog' alone, which every image would fit; write two or more, one a line")]
    [InlineData("\"\"\ncat\n", "has an empty label")]
    [InlineData("cat\n\"cat\"\n", "names 'cat' 2 times")]
    [InlineData("\n \n", "has no lines")]
    public void Parse_FileThatIsNoListOfLabels_IsRefused(string text, string expected)
    {
        File.WriteAllText(folder.File("labels.txt"), text);
        Assert.Contains(
            expected,
            Assert.Throws<BadInputException>(() => LabelList.Parse($"@{folder.File("labels.txt")}")).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("@", "names no file")]
    [InlineData("@ ", "white space")]
    [InlineData("@.", "is a folder")]
    [InlineData("@/dev/zero", "is a device")]
    public void Parse_AtWithoutAFile_IsRefused(string given, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => LabelList.Parse(given)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_AnyLabelsWrittenAsCsv_ComeBack() =>
        Gen.String[Gen.Char["ab,\" é"], 1, 8]
            .Select(label => label.Trim())
            .Where(label => label != "")
            .List[2, 6]
            .Where(labels => labels.Distinct().Count() == labels.Count)
            .Sample(
                labels =>
                    Assert.Equal(
                        labels,
                        LabelList.Parse(
                            string.Join(',', labels.Select(label => $"\"{label.Replace("\"", "\"\"", StringComparison.Ordinal)}\""))
                        )
                    ),
                iter: 300,
                threads: 1
            );

    public void Dispose() => folder.Dispose();
}
