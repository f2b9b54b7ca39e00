namespace ClipDistributed.Contracts.Pickles;

/// <summary>A tensor of a file that torch.save wrote.</summary>
/// <param name="Format">A name of <see cref="Safetensors.NumberFormats"/>.</param>
/// <param name="Strides">Of each axis, in elements.</param>
/// <param name="Start">Position of its first element in the file.</param>
/// <param name="BigEndian">Whether the highest byte of a value comes first.</param>
public sealed record TorchTensor(string Name, string Format, long[] Shape, long[] Strides, long Start, bool BigEndian);
