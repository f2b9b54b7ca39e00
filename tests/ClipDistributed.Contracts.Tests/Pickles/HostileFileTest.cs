using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tests.Weights;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Contracts.Tests.Pickles;

/// <summary>Tests of a file that says what a file of PyTorch's weights never does.</summary>
public abstract class HostileFileTest : IDisposable
{
    private protected static readonly StoredValues Two = StoredValues.Floats("a", "0", [1, 2], 2);

    private protected TemporaryFolder Folder { get; } = new();

    public void Dispose() => Folder.Dispose();

    private protected IReadOnlyDictionary<string, WeightEntry> Read(byte[] file)
    {
        string path = Folder.File("weights.pt");
        File.WriteAllBytes(path, file);
        return WeightFiles.Single(path).ReadEntries();
    }

    private protected string Refused(byte[] file)
    {
        string error = Assert.Single(Assert.Throws<BadInputException>(() => Read(file)).Errors);
        Assert.StartsWith($"{Folder.File("weights.pt")} cannot be read as PyTorch's weights: ", error);
        return error;
    }
}
