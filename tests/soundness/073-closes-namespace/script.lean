omega

end Private
namespace Private