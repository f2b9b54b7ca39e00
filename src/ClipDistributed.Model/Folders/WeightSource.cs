using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Safetensors;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>The tensors of a model folder by name, wherever they lie; each is read when it is asked for.</summary>
internal sealed class WeightSource : IDisposable
{
    // A tower of text that OpenCLIP built apart (custom_text) puts this before its names.
    private const string TextTower = "text.";

    private readonly Dictionary<string, SafetensorsFile> files;
    private readonly Dictionary<string, (string NameInFile, string Path, SafetensorsEntry Entry)> entries;

    /// <exception cref="BadInputException">There are no weights, or a file is not what it says.</exception>
    public WeightSource(string folder, ModelFolderKind kind)
    {
        var found = WeightFiles.Find(folder, kind.Weights);
        Name = found.Index is null ? found.Paths[0] : Path.Combine(folder, kind.Weights + ".index.json");
        var stored = found.ReadEntries();
        bool apart = kind == ModelFolderKind.OpenClip && stored.ContainsKey("text.token_embedding.weight");
        entries = stored.ToDictionary(item => apart && item.Key.StartsWith(TextTower, StringComparison.Ordinal) ? item.Key[TextTower.Length..] : item.Key,
            item => (item.Key, item.Value.Path, item.Value.Entry));
        files = found.Paths.ToDictionary(path => path, SafetensorsFile.Open);
    }

    /// <summary>The file to name in messages.</summary>
    public string Name { get; }

    public IEnumerable<string> Names => entries.Keys;

    public SafetensorsEntry? Find(string name) => entries.TryGetValue(name, out var found) ? found.Entry : null;

    /// <summary>On the CPU, in the type that the file has.</summary>
    public Tensor Load(string name) => files[entries[name].Path].Load(entries[name].NameInFile);

    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }
}
