using ClipDistributed.Contracts.Weights;

namespace ClipDistributed.Contracts.Tests.Weights;

/// <summary>Files that PyTorch wrote, against the same tensors as safetensors.</summary>
public sealed class TorchGoldenTests
{
    private static readonly string Folder = Fixtures.File("weights");

    [Theory]
    [InlineData("zip2.pt")]
    [InlineData("zip3.pt")]
    [InlineData("zip4.pt")]
    [InlineData("zip5.pt")]
    [InlineData("legacy2.pt")]
    [InlineData("legacy3.pt")]
    [InlineData("legacy4.pt")]
    [InlineData("legacy5.pt")]
    public void ReadEntries_EveryFormAndProtocol_HasTheTypesShapesAndValues(string name) => AssertSame("expected.safetensors", name);

    [Theory]
    [InlineData("epoch_1.pt")]
    [InlineData("epoch_1_legacy.pt")]
    [InlineData("script.pt")]
    public void ReadEntries_CheckpointOrScript_HasTheWeightsUnderTheModelsNames(string name) => AssertSame("epoch_1.safetensors", name);

    private static void AssertSame(string expected, string name)
    {
        var right = WeightFiles.Single(Path.Combine(Folder, expected)).ReadEntries();
        var read = WeightFiles.Single(Path.Combine(Folder, name)).ReadEntries();
        Assert.Equal(right.Keys.Order(), read.Keys.Order());
        foreach (var (key, entry) in read)
        {
            Assert.Equal((key, right[key].Format), (key, entry.Format));
            Assert.Equal(right[key].Shape, entry.Shape);
            Assert.Equal(Values.Of(right[key]), Values.Of(entry));
        }
    }
}
