using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class PreparedRunTests : IDisposable
{
    private const string Half = "name: a\ndata: {train: [{path: x}]}\nmodel: {preset: tiny}\noptimizer: {lr: 1}";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // As a full disk leaves it: sound YAML, and half of the fields.
    [Theory]
    [InlineData("name: a", "it has no data")]
    [InlineData("name: a\ndata: {train: [{path: x}]}", "it has no model")]
    [InlineData("name: a\ndata: {train: [{path: x}]}\nmodel: {preset: tiny}", "it has no optimizer")]
    [InlineData(Half, "no batch.global")]
    [InlineData($"{Half}\nbatch: {{global: 0}}", "no batch.global")]
    [InlineData($"{Half}\nbatch: {{global: 8, streams: 0}}", "batch.streams")]
    [InlineData("data: {shuffle_block: 0}\nmodel: {preset: tiny}\noptimizer: {lr: 1}\nbatch: {global: 8}", "data.shuffle_block")]
    public void Open_SpecThatWasCutOff_IsDamaged(string spec, string expected)
    {
        var directory = new RunDirectory(folder.Path);
        File.WriteAllText(directory.Spec, spec);
        string line = Assert.Single(Assert.Throws<BadInputException>(() => PreparedRun.Open(directory)).Errors);
        Assert.StartsWith($"{directory.Spec} is damaged (", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }
}
