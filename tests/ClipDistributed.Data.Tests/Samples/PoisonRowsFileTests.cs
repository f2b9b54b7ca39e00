using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Mutations;
using CsCheck;

namespace ClipDistributed.Data.Tests.Samples;

public sealed class PoisonRowsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private RunDirectory Run => new(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_WhatWasSaved_IsTheSame()
    {
        Assert.Empty(PoisonRowsFile.Load(Run));
        SampleId[] rows = [new(0, 9), new(2, ulong.MaxValue)];
        PoisonRowsFile.Save(Run, rows);
        Assert.Equal(rows, PoisonRowsFile.Load(Run).OrderBy(row => row.Shard));
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
        File.WriteAllText(Run.PoisonRows, content);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => PoisonRowsFile.Load(Run)).Errors);
        Assert.StartsWith($"{Run.PoisonRows} is damaged (", error, StringComparison.Ordinal);
        Assert.EndsWith("or delete it: rows that crash the decoder are found again.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnyDamage_IsRefusedOrRows()
    {
        PoisonRowsFile.Save(Run, [new SampleId(0, 9), new SampleId(1, 77)]);
        DamagedText.Of(File.ReadAllText(Run.PoisonRows)).Sample(damaged =>
        {
            File.WriteAllBytes(Run.PoisonRows, damaged);
            try
            {
                Assert.InRange(PoisonRowsFile.Load(Run).Count, 0, 10);
            }
            catch (BadInputException refused)
            {
                Assert.Single(refused.Errors);
            }
        }, iter: 1000, threads: 1);
    }

    /// <summary>Of a run of a former program.</summary>
    [Fact]
    public void Load_FormerName_IsReadUntilThereIsTheOther()
    {
        SampleId[] former = [new(0, 3), new(2, ulong.MaxValue)];
        File.Copy(Fixtures.File("cases", "runs", "poison", "condemned.json"), Run.FormerPoisonRows);
        Assert.Equal(former, PoisonRowsFile.Load(Run).OrderBy(row => row.Shard));
        PoisonRowsFile.Save(Run, [.. former, new SampleId(1, 7)]);
        Assert.Equal([former[0], new(1, 7), former[1]], PoisonRowsFile.Load(Run).OrderBy(row => row.Shard));
        Assert.Equal("poison-rows.json", Path.GetFileName(Run.PoisonRows));
    }

    [Fact]
    public void Load_OfTheCases_IsOneLine()
    {
        File.Copy(Fixtures.File("cases", "runs", "condemned.json"), Run.FormerPoisonRows);
        Assert.StartsWith(
            $"{Run.FormerPoisonRows} is damaged (line 1 ",
            Assert.Single(Assert.Throws<BadInputException>(() => PoisonRowsFile.Load(Run)).Errors),
            StringComparison.Ordinal
        );
    }
}
