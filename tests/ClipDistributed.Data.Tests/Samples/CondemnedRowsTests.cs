using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Mutations;
using CsCheck;

namespace ClipDistributed.Data.Tests.Samples;

public sealed class CondemnedRowsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Condemned => folder.File("condemned.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_WhatWasSaved_IsTheSame()
    {
        Assert.Empty(CondemnedRows.Load(Condemned));
        SampleId[] rows = [new(0, 9), new(2, ulong.MaxValue)];
        CondemnedRows.Save(Condemned, rows);
        Assert.Equal(rows, CondemnedRows.Load(Condemned).OrderBy(row => row.Shard));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[{\"shard\":0}]")]
    [InlineData("[{\"shard\":-1,\"row\":2}]")]
    [InlineData("[{\"shard\":0,\"row\":1.5}]")]
    [InlineData("[null]")]
    [InlineData("[{\"shard\":0,\"row\":2}")]
    public void Load_Damaged_IsOneLineWithFileAndRemedy(string content)
    {
        File.WriteAllText(Condemned, content);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => CondemnedRows.Load(Condemned)).Errors);
        Assert.StartsWith($"{Condemned} is damaged (", error, StringComparison.Ordinal);
        Assert.EndsWith("or delete it: rows that crash the decoder are found again.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnyDamage_IsRefusedOrRows()
    {
        CondemnedRows.Save(Condemned, [new SampleId(0, 9), new SampleId(1, 77)]);
        DamagedText.Of(File.ReadAllText(Condemned)).Sample(damaged =>
        {
            File.WriteAllBytes(Condemned, damaged);
            try
            {
                Assert.InRange(CondemnedRows.Load(Condemned).Count, 0, 10);
            }
            catch (BadInputException refused)
            {
                Assert.Single(refused.Errors);
            }
        }, iter: 1000, threads: 1);
    }

    [Fact]
    public void Load_OfTheCases_IsOneLine() =>
        Assert.Contains(
            "condemned.json is damaged (line 1 ",
            Assert.Single(
                Assert
                    .Throws<BadInputException>(() =>
                        CondemnedRows.Load(Fixtures.File("cases", "runs", "condemned.json"))
                    )
                    .Errors
            ),
            StringComparison.Ordinal
        );
}
