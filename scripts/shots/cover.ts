/** Stands for every cover: three arches, one of them lit. */
export const coverPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30">
<rect width="30" height="30" fill="#d89a4a"/><rect width="30" height="8" fill="#2f4a4c"/><rect y="25" width="30" height="5" fill="#e9cf9c"/>
<path fill="#2a1b21" d="M3 25V16a3.5 3.5 0 0 1 7 0v9zM20 25V16a3.5 3.5 0 0 1 7 0v9z"/>
<path fill="#ffd58a" d="M11.5 25V16a3.5 3.5 0 0 1 7 0v9z"/></svg>`;
