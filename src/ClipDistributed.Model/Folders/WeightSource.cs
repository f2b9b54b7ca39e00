using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Safetensors;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>The tensors of a model's files by name; each is read on demand.</summary>
internal sealed class WeightSource : IDisposable
{
    // A tower of text that OpenCLIP built apart (custom_text) puts this before its names.
    private const string TextTower = "text.";
    private const int BufferSize = 1 << 20;

    private readonly Dictionary<string, FileStream> files = [];
    private readonly Dictionary<string, WeightEntry> entries;

    /// <exception cref="BadInputException">The content of a file is not what its header declares.</exception>
    public WeightSource(WeightFiles found)
    {
        Name = found.Name;
        var stored = found.ReadEntries();
        Kind = WeightNames.AreHuggingFace(stored.Keys) ? ModelFolderKind.HuggingFace : ModelFolderKind.OpenClip;
        bool apart = stored.ContainsKey("text.token_embedding.weight");
        entries = stored.ToDictionary(
            item => apart && item.Key.StartsWith(TextTower, StringComparison.Ordinal) ? item.Key[TextTower.Length..] : item.Key,
            item => item.Value);
    }

    /// <summary>The file to name in messages.</summary>
    public string Name { get; }

    /// <summary>Whose names the tensors have.</summary>
    public ModelFolderKind Kind { get; }

    public IReadOnlyCollection<string> Names => entries.Keys;

    public WeightEntry? Find(string name) => entries.GetValueOrDefault(name);

    /// <summary>On the CPU, in the type that the file has.</summary>
    public Tensor Load(string name)
    {
        var entry = entries[name];
        using var scope = NewDisposeScope();
        var stored = empty([entry.Reach], SafetensorsTypes.Of(entry.Format), CPU);
        int size = NumberFormats.SizeOf(entry.Format)!.Value;
        long bytes = entry.Reach * size;
        if (bytes > 0)
        {
            if (!files.TryGetValue(entry.Path, out var file))
                files[entry.Path] = file = SafetensorsHeader.Open(entry.Path);
            file.Position = entry.Start;
            // It allocates a buffer of this size.
            stored.ReadBytesFromStream(entry.BigEndian ? new SwappedStream(file, size) : file, (int)Math.Min(BufferSize, bytes));
        }
        var shaped = entry.Strides is { } strides && bytes > 0 ? stored.as_strided(entry.Shape, strides, 0) : stored.reshape(entry.Shape);
        return shaped.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }
}
