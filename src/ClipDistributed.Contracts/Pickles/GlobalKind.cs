namespace ClipDistributed.Contracts.Pickles;

/// <summary>What a known class or function makes of its arguments.</summary>
internal enum GlobalKind
{
    /// <summary>A dictionary.</summary>
    Dict,

    /// <summary>A list, tuple or set.</summary>
    List,

    /// <summary>A tensor of a storage's own type.</summary>
    Tensor,

    /// <summary>A tensor of a storage of bytes; the type is an argument.</summary>
    TypedTensor,

    /// <summary>The tensor that is its first argument.</summary>
    Parameter,

    /// <summary>Calls the function that is its first argument with the third.</summary>
    FromType,

    /// <summary>The class of a storage.</summary>
    Storage,

    /// <summary>A number format.</summary>
    Format,

    /// <summary>Names a class that is never called.</summary>
    Type,

    /// <summary>An object that is kept for its attributes alone.</summary>
    Object,

    /// <summary>Something that says nothing about weights: built as null.</summary>
    Nothing,

    /// <summary>Its first argument.</summary>
    First,
}
