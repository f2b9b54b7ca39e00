namespace ClipDistributed.WorkerHost.Devices;

/// <summary>What nvidia-smi answered; complaints may be in either text.</summary>
internal sealed record SmiAnswer(int ExitCode, string Output, string Errors = "")
{
    public IEnumerable<string> Lines =>
        $"{Output}\n{Errors}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <param name="text">In capitals or not, such as a PCI address.</param>
    /// <returns>The first line that holds it; null: none does.</returns>
    public string? LineWith(string text) => Lines.FirstOrDefault(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));
}
